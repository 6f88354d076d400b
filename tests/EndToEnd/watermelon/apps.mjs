// Apps of other versions, and rows that are not like others.
import assert from 'node:assert/strict'
import { newFile } from './engines.mjs'
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

  'an app from before the hints of today is served like any other': async (engine) => {
    const { person, phone, tablet } = await twoWithATask(engine)
    const old = await person.device(engine, { schemaVersion: 1 })
    await old.sync({ old: true })
    await old.create('tasks', task('By the old app'), 'old')
    await old.edit('tasks', 'shared', { title: 'Edited by the old app' })
    await phone.edit('tasks', 'shared', { description: 'By phone' })
    await old.sync({ old: true, onPulled: async () => old.conflicts === 0 && (await phone.sync()) })
    assert.equal(old.conflicts, 1)
    await phone.sync()
    const rows = await phone.rows('tasks')
    assert.deepEqual([rows.old.title, rows.old.description], ['By the old app', null])
    assert.deepEqual([rows.shared.title, rows.shared.description], ['Edited by the old app', 'By phone'])
    await phone.delete('tasks', 'old')
    await phone.sync()
    await old.sync({ old: true })
    assert.deepEqual(Object.keys(await old.rows('tasks')), ['shared'])
    await assertSettled(phone, tablet)
  },

  'an app that is updated gets its new table and column': async (engine) => {
    const { person, phone } = await twoWithATask(engine)
    const house = await phone.create('projects', project('House'))
    await phone.create('tasks', task('Undescribed'))
    await phone.sync()
    const file = newFile()
    const old = await person.device(engine, { schemaVersion: 1, file })
    await old.sync()
    await old.leave()
    const updated = await person.device(engine, { file })
    await updated.sync()
    assert.deepEqual(Object.keys(await updated.rows('projects')), [house.id])
    assert.equal((await updated.rows('tasks')).shared.description, 'Before')
    await assertEqual(updated, phone)
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
