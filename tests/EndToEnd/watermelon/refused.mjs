// What an app should not have pushed: nothing of it is done, and the phone goes on.
import assert from 'node:assert/strict'
import { assertEqual, assertSettled, project, task, twoWithATask, until } from './given.mjs'

/** The push is refused, and what the device has not pushed yet stays on it. */
async function assertRefused(device, status, problem) {
  const error = await device.sync().then(() => assert.fail('nothing was refused'), (error) => error)
  assert.equal(error.status, status, error.message)
  assert.deepEqual({ ...error.problem, ...problem }, error.problem)
  assert.equal(await device.isClean(), false)
}

export const scenarios = {
  'a table that the server does not know is refused, and everything else still arrives': async (engine) => {
    const { person, phone, tablet } = await twoWithATask(engine)
    const ahead = await person.device(engine, { schemaVersion: 4 })
    await ahead.sync()
    const note = await ahead.create('notes', { content: 'By an app of tomorrow' })
    await ahead.edit('tasks', 'shared', { title: 'Edited beside it' })
    await phone.create('tasks', task('By phone'), 'later')
    await phone.sync()

    await assertRefused(ahead, 422, { code: 'sync-invalid', table: 'notes' })
    assert.equal((await ahead.rows('tasks')).later.title, 'By phone')
    await tablet.sync()
    assert.equal((await tablet.rows('tasks')).shared.title, 'Before')

    await ahead.forget('notes', note.id)
    await ahead.sync()
    await assertSettled(phone, tablet)
    assert.equal((await tablet.rows('tasks')).shared.title, 'Edited beside it')
  },

  'a table that only the server writes is refused, and everything else still arrives': async (engine) => {
    const { person, phone, tablet } = await twoWithATask(engine)
    const shopper = await person.device(engine, { schemaVersion: 3 })
    await shopper.sync()
    const product = { ...Object.values(await shopper.rows('products'))[0] }
    await shopper.edit('products', product.id, { price_minor: 1 })
    await shopper.edit('tasks', 'shared', { title: 'Edited beside it' })
    await phone.create('tasks', task('By phone'), 'later')
    await phone.sync()

    await assertRefused(shopper, 403, { code: 'read-only-table', table: 'products' })
    assert.equal((await shopper.rows('tasks')).later.title, 'By phone')
    await tablet.sync()
    assert.equal((await tablet.rows('tasks')).shared.title, 'Before')
    const other = await person.device(engine, { schemaVersion: 3 })
    const shown = await other.call('GET', `/api/products/${product.id}`)
    assert.notEqual(shown.price, 0.01)
    await until("the price on another phone is the shop's", async () => {
      await other.sync()
      return (await other.rows('products'))[product.id].price_minor === Math.round(shown.price * 100)
    })

    await shopper.forget('products', product.id)
    await shopper.sync()
    await assertSettled(phone, tablet)
    assert.equal((await tablet.rows('tasks')).shared.title, 'Edited beside it')
  },

  'an id that none can have is refused with its place': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    for (const id of ['x'.repeat(65), 'with space', 'ümlaut', '../etc']) {
      await phone.create('tasks', task('Unlucky'), id)
      await assertRefused(phone, 422, { code: 'sync-invalid', table: 'tasks', column: 'id' })
      await phone.forget('tasks', id)
    }
    await phone.create('tasks', task('Lucky'), `${'x'.repeat(58)}._-Az9`)
    await assertSettled(phone, tablet)
    assert.equal(Object.keys(await tablet.rows('tasks')).length, 2)
  },

  'one row that is not taken holds up no other': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const book = await phone.create('tasks', task('x'.repeat(1_000_001)))
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await phone.sync()
    await tablet.sync()
    assert.deepEqual(Object.values(await tablet.rows('tasks')).map((row) => row.title), ['Edited'])
    // Also on the following days: what is new is pushed and pulled, and the row is still there, as long as it was.
    for (const title of ['Monday', 'Tuesday']) {
      await phone.create('tasks', task(title), title)
      await tablet.create('tasks', task(title), `${title}-tablet`)
      await phone.sync()
      await tablet.sync()
      await phone.sync()
      assert.ok((await tablet.rows('tasks'))[title] && (await phone.rows('tasks'))[`${title}-tablet`])
      const row = (await phone.rows('tasks'))[book.id]
      assert.deepEqual([row._status, row.title.length], ['created', 1_000_001])
    }
    await phone.edit('tasks', book.id, { title: 'Shorter' })
    await assertSettled(phone, tablet)
  },

  'an edit that is not taken stays on its device, and what others have stays as it was': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'x'.repeat(1_000_001) })
    await phone.create('tasks', task('In no project', { project_id: 'p'.repeat(65) }), 'orphan')
    await phone.create('projects', project('House'), 'house')
    await phone.sync()
    await tablet.sync()
    assert.deepEqual([(await tablet.rows('tasks')).shared.title, Object.keys(await tablet.rows('projects'))], ['Before', ['house']])
    const rows = await phone.rows('tasks')
    assert.deepEqual([rows.shared._status, rows.orphan._status, rows.shared.title.length], ['updated', 'created', 1_000_001])
    // Meanwhile another device changes the same row; the phone still pulls, and its own edit still waits.
    await tablet.edit('tasks', 'shared', { description: 'By tablet' })
    await tablet.sync()
    await phone.sync()
    assert.deepEqual([(await phone.rows('tasks')).shared.description, (await phone.rows('tasks')).shared._status], ['By tablet', 'updated'])
    await phone.edit('tasks', 'shared', { title: 'Shorter' })
    await phone.delete('tasks', 'orphan')
    await assertSettled(phone, tablet)
    assert.deepEqual([(await tablet.rows('tasks')).shared.title, (await tablet.rows('tasks')).shared.description], ['Shorter', 'By tablet'])
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
