// node scenarios.mjs URL[,URL...] [NAME...]: runs each scenario on each engine and prints `ok ...` or `not ok ...: reason`.
// With several URLs, of nodes on one database, a person's devices talk to them in turn.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Device, Person, engines } from './client.mjs'

const [urls = 'http://127.0.0.1:5080', ...names] = process.argv.slice(2)
const nodes = urls.split(',').map((url) => url.replace(/\/$/, ''))

const task = (title, more = {}) => ({ title, is_completed: false, project_id: '', created_at: 1, updated_at: 1, ...more })
const project = (name) => ({ name, created_at: 1, updated_at: 1 })

/** Two devices of one person, both with a task of the given id. */
async function twoWithATask(engine, id = 'shared') {
  const person = await Person.register(nodes)
  const [phone, tablet] = [await person.device(engine), await person.device(engine)]
  await phone.create('tasks', task('Before', { description: 'Before' }), id)
  await phone.sync()
  await tablet.sync()
  return { person, phone, tablet }
}

async function assertEqual(...devices) {
  const shown = await Promise.all(devices.map((device) => device.shown()))
  for (const other of shown.slice(1)) assert.equal(other, shown[0])
  for (const device of devices) assert.ok(await device.isClean(), 'something waits to be pushed')
}

async function assertSettled(...devices) {
  for (let round = 0; round < 3; round++) for (const device of devices) await device.sync()
  await assertEqual(...devices, await freshCopy(devices[0]))
}

async function freshCopy(device) {
  const copy = new Device(device.person, device.engine)
  await copy.sync()
  return copy
}

const scenarios = {
  'a first sync of nothing is quiet': async (engine) => {
    const phone = await (await Person.register(nodes)).device(engine)
    await phone.sync()
    assert.equal(await phone.shown(), '{"projects":[],"tasks":[]}')
  },

  'two devices create, edit and delete': async (engine) => {
    const person = await Person.register(nodes)
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
    const person = await Person.register(nodes)
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
    const stranger = await (await Person.register(nodes)).device(engine)
    await stranger.sync()
    assert.deepEqual(await stranger.rows('tasks'), {})
    await stranger.create('tasks', task("Stranger's"), 'shared')
    await stranger.sync()
    await stranger.delete('tasks', 'shared')
    await stranger.sync()
    await phone.sync()
    assert.equal((await phone.rows('tasks')).shared.title, 'Before')
  },

  'ids that differ in case are two rows': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine, 'Abc')
    await phone.create('tasks', task('lower'), 'abc')
    await phone.sync()
    await tablet.sync()
    assert.deepEqual(Object.values(await tablet.rows('tasks')).map((row) => row.title), ['Before', 'lower'])
    await assertSettled(phone, tablet)
  },

  'a push whose answer is lost is repeated without harm': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const added = await phone.create('tasks', task('Added'))
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await phone.sync({ lose: 'push' })
    assert.equal(await phone.isClean(), false)
    await phone.sync()
    assert.equal(phone.conflicts, 0)
    await assertSettled(phone, tablet)
    assert.deepEqual(Object.keys(await tablet.rows('tasks')).sort(), [added.id, 'shared'].sort())
  },

  'an edit after a lost answer is not lost': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const added = await phone.create('tasks', task('Added'))
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    await phone.sync({ lose: 'push' })
    await phone.edit('tasks', added.id, { title: 'Added and edited' })
    await phone.edit('tasks', 'shared', { title: 'Edited twice' })
    await assertSettled(phone, tablet)
    const rows = await tablet.rows('tasks')
    assert.deepEqual([rows[added.id].title, rows.shared.title], ['Added and edited', 'Edited twice'])
  },

  'a deletion whose answer is lost is repeated without harm': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.delete('tasks', 'shared')
    await phone.sync({ lose: 'push' })
    await phone.sync()
    await assertSettled(phone, tablet)
    assert.deepEqual(await tablet.rows('tasks'), {})
  },

  'what another device deleted after a lost answer stays deleted': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    const added = await phone.create('tasks', task('Added'))
    await phone.sync({ lose: 'push' })
    await tablet.sync()
    await tablet.delete('tasks', added.id)
    await tablet.sync()
    await assertSettled(phone, tablet)
    assert.equal((await phone.rows('tasks'))[added.id], undefined)
  },

  'lost pulls and pushes that never arrive change nothing': async (engine) => {
    const { phone, tablet } = await twoWithATask(engine)
    await phone.edit('tasks', 'shared', { title: 'Edited' })
    for (const lose of ['pull', 'push-request', 'pull']) await phone.sync({ lose })
    await tablet.sync()
    assert.equal((await tablet.rows('tasks')).shared.title, 'Before')
    await assertSettled(phone, tablet)
    assert.equal((await tablet.rows('tasks')).shared.title, 'Edited')
  },

  'pages are whole although the data changes between them': async (engine) => {
    const person = await Person.register(nodes)
    const [phone, tablet] = [await person.device(engine), await person.device(engine)]
    for (let i = 0; i < 8; i++) {
      await phone.create('tasks', task(`${i}`), `t${i}`)
      await phone.sync()
    }
    let pages = 0
    await tablet.sync({
      limit: 2,
      onPulled: async () => {
        if (pages++ !== 1) return
        await phone.edit('tasks', 't0', { title: 'changed' })
        await phone.edit('tasks', 't7', { title: 'changed' })
        await phone.delete('tasks', 't1')
        await phone.delete('tasks', 't6')
        await phone.sync()
      },
    })
    assert.ok(pages >= 4, `only ${pages} pages`)
    assert.deepEqual(Object.keys(await tablet.rows('tasks')), ['t0', 't2', 't3', 't4', 't5', 't7'])
    await assertSettled(phone, tablet)
  },

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

for (const seed of [1, 2, 3]) {
  scenarios[`five devices that do as they like agree, seed ${seed}`] = async (engine) => {
    const random = randomOf(seed)
    const pick = (list) => list[Math.floor(random() * list.length)]
    const person = await Person.register(nodes)
    const devices = []
    for (let i = 0; i < 5; i++) devices.push(await person.device(engine))
    const [created, deleted] = [new Set(), new Set()]
    for (let step = 0; step < 120; step++) {
      const device = pick(devices)
      const tasks = Object.keys(await device.rows('tasks'))
      const what = random()
      if (what < 0.25) created.add((await device.create('tasks', task(`${step}`))).id)
      else if (what < 0.5 && tasks.length > 0) await device.edit('tasks', pick(tasks), { [pick(['title', 'description'])]: `${step}` })
      else if (what < 0.58 && tasks.length > 0) {
        const id = pick(tasks)
        deleted.add(id)
        await device.delete('tasks', id)
      } else {
        // Another device may come in between, an answer may be lost, and pages may be small.
        const rival = pick(devices)
        await device.sync({
          limit: random() < 0.3 ? 1 + Math.floor(random() * 4) : undefined,
          lose: random() < 0.15 ? pick(['pull', 'push', 'push-request']) : undefined,
          onPulled: random() < 0.3 && rival !== device ? async () => await rival.sync({ once: true }) : undefined,
        })
      }
    }
    await assertSettled(...devices)
    const rows = await devices[0].rows('tasks')
    for (const id of created) assert.ok(rows[id] || deleted.has(id), `${id} is lost`)
    for (const id of deleted) assert.equal(rows[id], undefined, `${id} came back`)
  }
}

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

let failed = 0
for (const engine of engines) {
  for (const [name, run] of Object.entries(scenarios)) {
    const title = `${engine.name}: ${name}`
    if (names.length > 0 && !names.some((part) => title.includes(part))) continue
    try {
      const skipped = await run(engine)
      console.log(skipped ? `skip ${title}: ${skipped}` : `ok ${title}`)
    } catch (error) {
      failed++
      console.log(`not ok ${title}: ${String(error.message).replaceAll(/\s+/g, ' ').slice(0, 2000)}`)
    }
  }
}

process.exit(failed > 0 ? 1 : 0)
