// What the server brings: everything at once, what only it writes, and what was done on its pages.
import assert from 'node:assert/strict'
import { newFile } from './engines.mjs'
import { admin, ask, assertEqual, assertSettled, newPerson, project, task, twoWithATask, until } from './given.mjs'

const address = { name: 'Ada', street: 'Hauptstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' }

async function buy(phone) {
  const { products } = await phone.call('GET', '/api/products?inStock=true')
  await phone.call('POST', '/api/cart', { productId: products[0].id, quantity: 2 })
  return await phone.call('POST', '/api/orders', { shippingAddress: address, payment: { method: 'invoice' } })
}

export const scenarios = {
  'a first sync by turbo is the same as any other': async (engine) => {
    const { person, phone } = await twoWithATask(engine)
    const house = await phone.create('projects', project('House'))
    const titles = ['📦 "quoted" \\ back', 'Zeile\nzwei\t\u0001', '  ', '', '</script>', 'ab\u2028c', 'naïve 日本語 👩‍👩‍👧']
    for (const title of titles) await phone.create('tasks', task(title, { description: title || null, project_id: house.id }))
    await phone.create('tasks', task('Times', { created_at: 9007199254740991, updated_at: -1, is_completed: true }))
    await phone.create('tasks', task('Gone'), 'gone')
    await phone.sync()
    await phone.delete('tasks', 'gone')
    await phone.sync()
    await phone.sync()

    const tablet = await person.device(engine, { file: newFile() })
    let bytes
    const missing = await tablet.firstSyncByTurbo((text) => (bytes = text))
    if (missing) return missing

    for (const changes of Object.values(JSON.parse(bytes).changes)) assert.deepEqual([changes.created, changes.deleted], [[], []])
    await assertEqual(tablet, phone)
    // Its timestamp is the client's own from here on.
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await tablet.create('tasks', task('By tablet'))
    await assertSettled(phone, tablet)
  },

  'a first sync by turbo brings the catalogue and skips tables that the app does not have': async (engine) => {
    const { person } = await twoWithATask(engine)
    const plain = await person.device(engine, { schemaVersion: 3 })
    await plain.sync()
    const first = async (schemaVersion) => {
      const turbo = await person.device(engine, { schemaVersion, file: newFile() })
      const missing = await turbo.firstSyncByTurbo()
      return { turbo, missing }
    }
    const { turbo: old, missing } = await first(1)
    if (missing) return missing
    assert.equal((await old.rows('tasks')).shared.title, 'Before')
    // What is everybody's may change between the two: then another device begins anew.
    let turbo
    await until('a first sync by turbo and a plain one find the same', async () => {
      turbo = (await first(3)).turbo
      await plain.sync()
      return (await turbo.shown()) === (await plain.shown())
    })
    assert.equal((await turbo.rows('tasks')).shared.title, 'Before')
    await assertEqual(turbo, plain)
  },

  // The same check on a text that is not as it must be, so that the one above is known to look.
  'a first sync by turbo with a deletion in it is refused by the client': async (engine) => {
    const { person } = await twoWithATask(engine)
    const tablet = await person.device(engine, { file: newFile() })
    const spoil = (text) => text.replace('"deleted":[]', '"deleted":["any"]')
    const outcome = await tablet.firstSyncByTurbo(spoil).catch((error) => error)
    if (!(outcome instanceof Error)) return outcome ?? assert.fail('the client took it')
    assert.match(outcome.message, /expected deleted field to be empty/)
    assert.deepEqual(await tablet.rows('tasks'), {})
  },

  'the catalogue, orders and the home feed are on the phone, and follow the server': async (engine) => {
    const phone = await (await newPerson()).device(engine, { schemaVersion: 3 })
    const order = await buy(phone)
    // The catalogue of phones follows the shop's, and may be at an earlier price.
    let [items, products] = [[], {}]
    await until('the order and the price that it was for are on the phone', async () => {
      await phone.sync()
      items = Object.values(await phone.rows('order_items'))
      products = await phone.rows('products')
      return items.length > 0 && products[items[0].product_id].price_minor === items[0].price_minor
    })
    assert.deepEqual(Object.keys(await phone.rows('orders')), [order.id])
    assert.deepEqual(items.map((item) => [item.order_id, item.quantity]), [[order.id, 2]])
    const product = { ...products[items[0].product_id] }
    assert.deepEqual([product.name, product.price_minor], [items[0].name, items[0].price_minor])
    assert.ok(Object.keys(await phone.rows('home_widgets')).length > 0, 'no widget')
    for (const widget of Object.values(await phone.rows('home_widgets'))) JSON.parse(widget.content)
    assert.ok(await phone.isClean())

    // The shop goes on, and the next syncs bring only that.
    const price = product.price_minor + 100
    const shop = await admin()
    await shop.call('PATCH', `/api/admin/products/${product.id}`, { price: price / 100 })
    await phone.call('POST', `/api/orders/${order.id}/cancel`, {})
    const pulled = []
    await until('the new price and the cancellation are on the phone', async () => {
      await phone.sync({ onPulled: ({ changes }) => pulled.push(...changes.products.updated) })
      const now = [(await phone.rows('products'))[product.id].price_minor, (await phone.rows('orders'))[order.id].status]
      return now[0] === price && now[1] === 'cancelled'
    })
    assert.ok(pulled.length < Object.keys(products).length / 2, `${pulled.length} products came again`)
    await shop.call('PATCH', `/api/admin/products/${product.id}`, { price: product.price_minor / 100 })
  },

  'an app that is updated gets the catalogue, its orders and the home feed whole': async (engine) => {
    const person = await newPerson()
    const [file, before] = [newFile(), await person.device(engine)]
    const order = await buy(before)
    const old = await person.device(engine, { file })
    await old.sync()
    await until('the order is ready for phones', async () => {
      const { changes } = await before.call('GET', '/sync/pull')
      return changes.orders.updated.length > 0
    })
    await old.sync()
    await old.leave()
    const updated = await person.device(engine, { schemaVersion: 3, file })
    await updated.sync()
    assert.deepEqual(Object.keys(await updated.rows('orders')), [order.id])
    const fresh = await person.device(engine, { schemaVersion: 3 })
    // What is everybody's may change between the two: the shop's prices, and what is in stock.
    await until('both devices show the same', async () => {
      await fresh.sync()
      await updated.sync()
      return (await fresh.shown()) === (await updated.shown())
    })
    await assertEqual(updated, fresh)
  },

  'what was deleted and is brought back on a page is on every phone again': async (engine) => {
    const { person, phone, tablet } = await twoWithATask(engine)
    const house = await phone.create('projects', project('House'))
    const inHouse = await phone.create('tasks', task('In it', { project_id: house.id, description: 'Whole' }))
    await phone.sync()
    await tablet.sync()
    await phone.delete('projects', house.id)
    await phone.delete('tasks', 'shared')
    await phone.sync()
    await tablet.sync()
    assert.deepEqual([await tablet.rows('tasks'), await tablet.rows('projects')], [{}, {}])

    if (!(await ask('bring-back', { email: person.email, password: person.password, table: 'projects', id: house.id }))) return ask.missing
    await tablet.sync()
    const rows = await tablet.rows('tasks')
    assert.deepEqual(Object.keys(rows), [inHouse.id])
    assert.equal(rows[inHouse.id].description, 'Whole')
    await tablet.edit('tasks', inHouse.id, { title: 'Edited after it came back' })
    await assertSettled(tablet, phone)
    assert.deepEqual(Object.keys(await phone.rows('projects')), [house.id])

    // The device that deleted it brings the other one back itself, and one that is offline edits it meanwhile.
    await phone.call('POST', '/sync/deleted/tasks/shared/restore')
    await assertSettled(phone, tablet)
    assert.equal((await tablet.rows('tasks')).shared.title, 'Before')
  },
}
