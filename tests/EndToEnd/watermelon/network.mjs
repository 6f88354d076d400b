// Answers are lost, pages are small, and everybody writes at once.
import assert from 'node:assert/strict'
import { assertSettled, newPerson, task, twoWithATask } from './given.mjs'

export const scenarios = {
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
    const person = await newPerson()
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
}

// From the fourth on some devices let the server merge.
for (const seed of [1, 2, 3, 4, 5]) {
  scenarios[`five devices that do as they like agree, seed ${seed}`] = async (engine) => {
    const random = randomOf(seed)
    const pick = (list) => list[Math.floor(random() * list.length)]
    const person = await newPerson()
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
          merge: seed > 3 && devices.indexOf(device) % 2 === 0,
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
