// The server merges, tells devices that differ, and keeps what it cannot take.
import assert from 'node:assert/strict'
import { assertEqual, assertSettled, task, twoWithATask } from './given.mjs'

export const scenarios = {
  'the server merges what two devices changed, without another round': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { description: 'By tablet' })
    await tablet.sync({ merge: true, onPulled: async () => await phone.sync() })
    assert.equal(tablet.conflicts, 0)
    assert.deepEqual(tablet.merged, [
      { table: 'tasks', id: 'shared', outcome: 'merged', written: ['description'], kept: ['title'] },
    ])
    assert.ok(await tablet.isClean())
    await assertSettled(phone, tablet)
    const row = (await tablet.rows('tasks')).shared
    assert.deepEqual([row.title, row.description], ['By phone', 'By tablet'])
  },

  'a merged deletion wins over an edit on either side': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.create('tasks', task('Other'), 'other')
    await phone.sync()
    await tablet.sync()
    await phone.delete('tasks', 'shared')
    await phone.edit('tasks', 'other', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { title: 'By tablet' })
    await tablet.delete('tasks', 'other')
    await tablet.sync({ merge: true, onPulled: async () => await phone.sync() })
    assert.equal(tablet.conflicts, 0)
    await assertSettled(phone, tablet)
    assert.deepEqual(await phone.rows('tasks'), {})
  },

  'a merge whose answer is lost is repeated without harm': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { description: 'By tablet' })
    await tablet.sync({ merge: true, lose: 'push', onPulled: async () => await phone.sync() })
    assert.equal(await tablet.isClean(), false)
    await tablet.sync({ merge: true })
    await assertSettled(phone, tablet)
    const row = (await phone.rows('tasks')).shared
    assert.deepEqual([row.title, row.description], ['By phone', 'By tablet'])
  },

  'the owner sees which row was not taken until it is': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const book = await phone.create('tasks', task('x'.repeat(1_000_001)))
    await phone.sync()
    const { rows } = await tablet.call('GET', '/sync/quarantine')
    assert.deepEqual(rows.map((row) => [row.table, row.id, row.column]), [['tasks', book.id, 'title']])
    await phone.edit('tasks', book.id, { title: 'Shorter' })
    await phone.sync()
    assert.deepEqual((await tablet.call('GET', '/sync/quarantine')).rows, [])
    await tablet.sync()
    await assertEqual(phone, tablet)
  },
}
