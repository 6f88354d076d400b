// The server merges, tells devices that differ, and keeps what it cannot take.
import assert from 'node:assert/strict'
import { ask, assertSettled, compared, task, twoWithATask } from './given.mjs'

/** Changes tasks as a faulty app or a broken file would: nothing is marked as changed. */
const spoil = ({ database }, { remove, change, add }) =>
  database.write(async () => {
    const tasks = database.get('tasks')
    if (remove) await (await tasks.find(remove)).destroyPermanently()
    const spoilt = []
    if (change) {
      const record = await tasks.find(change)
      spoilt.push(record.prepareUpdate(() => record._setRaw('title', 'Rotten')))
    }
    if (add) spoilt.push(tasks.prepareCreate((record) => Object.assign(record._raw, { id: add, title: 'Nobody knows' })))
    for (const record of spoilt) Object.assign(record._raw, { _status: 'synced', _changed: '' })
    await database.batch(spoilt)
  })

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

  'a device that lost its way replaces what it has, and only then': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const kept = await phone.create('tasks', task('Kept 📦', { description: null, is_completed: true }))
    const project = await phone.create('projects', { name: 'House', created_at: 1, updated_at: 1 })
    await phone.sync()
    await phone.sync()
    assert.equal((await compared(phone)).verdict, 'same')
    await spoil(phone, { remove: kept.id, change: 'shared', add: 'ghost' })
    assert.ok(await phone.isClean())
    await phone.sync()
    assert.ok((await phone.rows('tasks')).ghost, 'a sync alone finds nothing')

    const { verdict, different } = await compared(phone)
    assert.deepEqual([verdict, different], ['different', ['tasks']])
    await tablet.sync()
    await phone.sync({ lose: 'pull' })
    await phone.sync()

    const rows = await phone.rows('tasks')
    assert.deepEqual(Object.keys(rows).sort(), [kept.id, 'shared'].sort())
    assert.equal(rows.shared.title, 'Before')
    assert.deepEqual(Object.keys(await phone.rows('projects')), [project.id])
    await phone.sync()
    assert.deepEqual([phone.replaced, tablet.replaced], [1, 0])
    assert.equal((await compared(phone)).verdict, 'same')
    await assertSettled(phone, tablet)
  },

  'a device that replaces keeps what only it has': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await spoil(tablet, { change: 'shared' })
    assert.equal((await compared(tablet)).verdict, 'different')
    const added = await tablet.create('tasks', task('Added'))
    await tablet.sync()
    await assertSettled(tablet, phone)
    const rows = await phone.rows('tasks')
    assert.deepEqual([rows.shared.title, rows[added.id].title], ['Before', 'Added'])
  },

  'a device with something to pull is told that first': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await tablet.edit('tasks', 'shared', { title: 'By tablet' })
    await tablet.sync()
    assert.equal((await phone.compare()).verdict, 'behind')
    await phone.sync()
    assert.equal((await compared(phone)).verdict, 'same')
  },

  'a device that was away for longer than deletions are remembered replaces what it has': async (engine) => {
    const { person, phone, tablet } = await twoWithATask(engine)
    const away = await person.device(engine)
    await phone.create('tasks', task('Other'), 'other')
    await phone.sync()
    await away.sync()
    await phone.delete('tasks', 'shared')
    for (const device of [phone, phone, tablet]) await device.sync()
    if (!(await ask('later', { days: 91 }))) return ask.missing
    for (const device of [phone, tablet, away]) await device.signIn()
    await phone.edit('tasks', 'other', { title: 'Edited much later' })
    await phone.sync()
    // Before it syncs, its owner uses it offline: an edit of what is gone, an edit of what is not, and something new.
    await away.edit('tasks', 'shared', { title: 'Edited by who does not know' })
    await away.edit('tasks', 'other', { description: 'By the one who was away' })
    const added = await away.create('tasks', task('Added'))
    await away.sync()

    assert.equal(away.replaced, 1)
    const rows = await away.rows('tasks')
    assert.deepEqual(Object.keys(rows).sort(), [added.id, 'other'].sort())
    assert.deepEqual([rows.other.title, rows.other.description], ['Edited much later', 'By the one who was away'])
    await away.sync()
    assert.equal(away.replaced, 1)
    await assertSettled(phone, tablet, away)
    assert.deepEqual([phone.replaced, tablet.replaced], [0, 0])
  },

  'a device that pulled since then replaces nothing, however long ago that is': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.create('tasks', task('Other'), 'other')
    await phone.sync()
    await phone.delete('tasks', 'shared')
    for (const device of [phone, phone, tablet]) await device.sync()
    if (!(await ask('later', { days: 91 }))) return ask.missing
    for (const device of [phone, tablet]) await device.signIn()
    await tablet.edit('tasks', 'other', { title: 'Edited' })
    await assertSettled(tablet, phone)
    assert.deepEqual([phone.replaced, tablet.replaced], [0, 0])
  },
}
