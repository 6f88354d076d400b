// Apps of other versions, and rows that are not like others.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assertEqual, assertSettled, project, task, twoWithATask } from './given.mjs'

export const scenarios = {
  'an old app keeps what it does not know': async (engine) => {
    const { person, phone } = await twoWithATask(engine)
    const old = await person.device(engine, { schemaVersion: 1 })
    await old.sync()
    await old.edit('tasks', 'shared', { title: 'By the old app' })
    await old.sync()
    await phone.sync()
    const row = (await phone.rows('tasks')).shared
    assert.deepEqual([row.title, row.description], ['By the old app', 'Before'])
  },

  'an app that is updated gets its new table and column': async (engine) => {
    if (!engine.keeps) return 'this engine keeps nothing here'
    const { person, phone } = await twoWithATask(engine)
    const house = await phone.create('projects', project('House'))
    await phone.create('tasks', task('Undescribed'))
    await phone.sync()
    const folder = mkdtempSync(join(tmpdir(), 'kontor-phone-'))
    try {
      const file = join(folder, 'phone.db')
      const old = await person.device(engine, { schemaVersion: 1, file })
      await old.sync()
      const updated = await person.device(engine, { file })
      await updated.sync()
      assert.deepEqual(Object.keys(await updated.rows('projects')), [house.id])
      assert.equal((await updated.rows('tasks')).shared.description, 'Before')
      await assertEqual(updated, phone)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },

  'one row that is not taken holds up no other': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const book = await phone.create('tasks', task('x'.repeat(1_000_001)))
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await phone.sync()
    await tablet.sync()
    assert.deepEqual(Object.values(await tablet.rows('tasks')).map((row) => row.title), ['Edited'])
    assert.equal((await phone.rows('tasks'))[book.id]._status, 'created')
    await phone.edit('tasks', book.id, { title: 'Shorter' })
    await assertSettled(phone, tablet)
  },

  'half a character is no reason to be stuck': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'cut 📦'.slice(0, 5) })
    await phone.sync()
    await tablet.sync()
    assert.equal((await tablet.rows('tasks')).shared.title, 'cut \uFFFD')
    await assertSettled(phone, tablet)
  },

  'a thousand rows arrive at once': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.database.write(() =>
      phone.database.batch(
        Array.from({ length: 1000 }, (_, i) =>
          phone.database.get('tasks').prepareCreate((record) => {
            for (const [name, value] of Object.entries(task(`${i}`))) record._setRaw(name, value)
          }),
        ),
      ),
    )
    await phone.sync()
    await tablet.sync()
    assert.equal(Object.keys(await tablet.rows('tasks')).length, 1001)
    await assertEqual(phone, tablet)
  },
}
