// Devices of one person share what they do; those of others do not.
import assert from 'node:assert/strict'
import { assertSettled, freshCopy, newPerson, project, task, twoWithATask } from './given.mjs'

export const scenarios = {
  'a first sync of nothing is quiet': async (engine) => {
    const phone = await (await newPerson()).device(engine)
    await phone.sync()
    assert.equal(await phone.shown(), '{"projects":[],"tasks":[]}')
  },

  'two devices create, edit and delete': async (engine) => {
    const person = await newPerson()
    const [phone, tablet] = [await person.device(engine), await person.device(engine)]
    const house = await phone.create('projects', project('House'))
    const boxes = await phone.create('tasks', task('Boxes', { project_id: house.id, description: 'thirty 📦' }))
    const keys = await phone.create('tasks', task('  Keys  '))
    await phone.sync()
    await tablet.sync()
    assert.deepEqual(Object.keys(await tablet.rows('tasks')).sort(), [boxes.id, keys.id].sort())
    await tablet.edit('tasks', boxes.id, { is_completed: true, description: null })
    await tablet.delete('tasks', keys.id)
    await tablet.sync()
    await phone.sync()
    const rows = await phone.rows('tasks')
    assert.deepEqual(Object.keys(rows), [boxes.id])
    assert.equal(rows[boxes.id].is_completed ? true : false, true)
    assert.equal(rows[boxes.id].description, null)
    await assertSettled(phone, tablet)
  },

  'a conflict on different columns keeps both': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { description: 'By tablet' })
    // The phone's push lands between the tablet's pull and its push.
    await tablet.sync({ onPulled: async () => phone.conflicts === 0 && (await phone.sync()) })
    assert.equal(tablet.conflicts, 1)
    await phone.sync()
    const row = (await phone.rows('tasks')).shared
    assert.deepEqual([row.title, row.description], ['By phone', 'By tablet'])
    await assertSettled(phone, tablet)
  },

  'a conflict on the same column is decided by the last device': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { title: 'By tablet' })
    await tablet.sync({ onPulled: async () => await phone.sync() })
    assert.equal(tablet.conflicts, 1)
    await phone.sync()
    assert.equal((await phone.rows('tasks')).shared.title, 'By tablet')
    await assertSettled(phone, tablet)
  },

  'a refused push applies nothing and stays on the device': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'By phone' })
    await tablet.edit('tasks', 'shared', { title: 'By tablet' })
    const other = await tablet.create('tasks', task('Beside it'))
    await tablet.sync({ once: true, onPulled: async () => await phone.sync() })
    assert.equal(tablet.conflicts, 1)
    await phone.sync()
    assert.equal((await phone.rows('tasks'))[other.id], undefined)
    assert.equal(await tablet.isClean(), false)
    await assertSettled(tablet, phone)
    assert.ok((await phone.rows('tasks'))[other.id])
  },

  'an edit of what another device deleted gives way to the deletion': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.delete('tasks', 'shared')
    await tablet.edit('tasks', 'shared', { title: 'Edited' })
    await tablet.sync({ onPulled: async () => await phone.sync() })
    await assertSettled(phone, tablet)
    assert.deepEqual(await phone.rows('tasks'), {})
  },

  'a deletion of what another device edited is done after a look': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await tablet.delete('tasks', 'shared')
    await tablet.sync({ onPulled: async () => await phone.sync() })
    assert.equal(tablet.conflicts, 1)
    await assertSettled(phone, tablet)
    assert.deepEqual(await phone.rows('tasks'), {})
  },

  'a deleted project takes its tasks along on every device': async (engine) => {
    const person = await newPerson()
    const [phone, tablet] = [await person.device(engine), await person.device(engine)]
    const house = await phone.create('projects', project('House'))
    await phone.create('tasks', task('In it', { project_id: house.id }))
    const out = await phone.create('tasks', task('Beside it'))
    await phone.sync()
    await tablet.sync()
    const late = await tablet.create('tasks', task('New in it', { project_id: house.id }))
    await tablet.delete('projects', house.id)
    await tablet.sync()
    await assertSettled(phone, tablet)
    assert.deepEqual(Object.keys(await phone.rows('tasks')), [out.id])
    assert.equal((await tablet.rows('tasks'))[late.id], undefined)
  },

  'another user sees nothing, even of the same ids': async (engine) => {
    const { phone } = await twoWithATask(engine)
    const stranger = await (await newPerson()).device(engine)
    await stranger.sync()
    assert.deepEqual(await stranger.rows('tasks'), {})
    await stranger.create('tasks', task("Stranger's"), 'shared')
    await stranger.sync()
    await stranger.delete('tasks', 'shared')
    await stranger.sync()
    await phone.sync()
    assert.equal((await phone.rows('tasks')).shared.title, 'Before')
  },

  'who guesses an id reads, changes and deletes nothing': async (engine) => {
    const { phone } = await twoWithATask(engine)
    const house = await phone.create('projects', project('House'))
    await phone.create('tasks', task('In it', { project_id: house.id }), 'inside')
    await phone.create('tasks', task('Gone'), 'gone')
    await phone.sync()
    await phone.delete('tasks', 'gone')
    await phone.sync()
    await phone.sync()
    const before = await phone.shown()
    const stranger = await (await newPerson()).device(engine)
    // As if it had pulled them: their ids are known, and nothing is new.
    await stranger.create('projects', project("Stranger's"), house.id)
    for (const id of ['shared', 'inside', 'gone']) await stranger.create('tasks', task("Stranger's", { project_id: house.id }), id)
    await stranger.sync()
    for (const id of ['shared', 'inside', 'gone']) await stranger.edit('tasks', id, { title: 'Overwritten', project_id: house.id })
    await stranger.sync({ merge: true })
    for (const path of ['rows/tasks/gone/history', 'rows/tasks/inside/history']) {
      const { states } = await stranger.call('GET', `/sync/${path}`)
      assert.ok(states.every(({ row }) => ["Stranger's", 'Overwritten'].includes(row.title)), 'history of somebody else')
    }
    await stranger.delete('projects', house.id)
    for (const id of ['shared', 'inside', 'gone']) await stranger.delete('tasks', id)
    await stranger.sync()
    await stranger.call('POST', '/sync/deleted/tasks/gone/restore')

    await phone.sync()
    assert.equal(await phone.shown(), before)
    const copy = await freshCopy(phone)
    assert.equal(await copy.shown(), before)
    await assert.rejects((await (await newPerson()).device(engine)).call('GET', '/sync/rows/tasks/shared/history'), { status: 404 })
  },

  'ids that differ in case are different rows, whatever is done to one': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine, 'Abc')
    await phone.create('tasks', task('lower'), 'abc')
    await phone.create('projects', project('Upper'), 'P')
    await phone.create('projects', project('lower'), 'p')
    await phone.create('tasks', task('In the upper one', { project_id: 'P' }), 'ABC')
    await phone.create('tasks', task('In the lower one', { project_id: 'p' }), 'aBC')
    await phone.sync()
    await tablet.sync()
    const titles = async (device) => Object.entries(await device.rows('tasks')).map(([id, row]) => `${id} ${row.title}`)
    assert.deepEqual(await titles(tablet), ['ABC In the upper one', 'Abc Before', 'aBC In the lower one', 'abc lower'])
    await tablet.edit('tasks', 'abc', { title: 'edited' })
    await tablet.delete('tasks', 'Abc')
    await tablet.delete('projects', 'P')
    await tablet.sync()
    await phone.sync()
    assert.deepEqual(await titles(phone), ['aBC In the lower one', 'abc edited'])
    await assertSettled(phone, tablet)
  },
}
