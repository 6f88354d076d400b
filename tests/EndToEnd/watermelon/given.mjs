// What several scenarios need.
import assert from 'node:assert/strict'
import { createInterface } from 'node:readline'
import { Person, call } from './client.mjs'

const [list = 'http://127.0.0.1:5080'] = process.argv.slice(2)
const urls = list.split(',').map((url) => url.replace(/\/$/, ''))

export const newPerson = () => Person.register(urls)

/** The demo's administrator. */
export async function admin() {
  const person = { email: 'admin@kontor.example', password: 'kontor-demo-admin' }
  const { accessToken } = await call(urls[0], null, 'POST', '/auth/login', person)
  return { call: (...request) => call(urls[0], accessToken, ...request) }
}

const answers = process.stdin.isTTY ? null : createInterface({ input: process.stdin })[Symbol.asyncIterator]()

/** Asks whoever runs the scenarios for what no phone can do. False when nobody answers. */
export async function ask(what, details) {
  if (!answers) return false
  console.log(`ask ${JSON.stringify({ what, ...details })}`)
  const { done, value } = await answers.next()
  if (!done) assert.equal(value, 'done')
  return !done
}
ask.missing = 'nobody answers what the scenario asks for; see WatermelonTests.cs'

export const task = (title, more = {}) => ({ title, is_completed: false, project_id: '', created_at: 1, updated_at: 1, ...more })
export const project = (name) => ({ name, created_at: 1, updated_at: 1 })

/** Two devices of one person, both with a task of the given id. */
export async function twoWithATask(engine, id = 'shared') {
  const person = await newPerson()
  const [phone, tablet] = [await person.device(engine), await person.device(engine)]
  await phone.create('tasks', task('Before', { description: 'Before' }), id)
  await phone.sync()
  await tablet.sync()
  return { person, phone, tablet }
}

/** What the server does in its own time. */
export async function until(what, holds) {
  const end = Date.now() + 60_000
  while (!(await holds())) {
    assert.ok(Date.now() < end, `not within a minute: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export async function assertEqual(...devices) {
  const shown = await Promise.all(devices.map((device) => device.shown()))
  for (const other of shown.slice(1)) assert.equal(other, shown[0])
  for (const device of devices) assert.ok(await device.isClean(), 'something waits to be pushed')
}

/** What the server says of the device's rows. What is everybody's may change between a sync and the question: then it asks anew. */
export async function compared(device) {
  let answer
  await until('the device is not behind', async () => {
    answer = await device.compare()
    if (answer.verdict === 'behind') await device.sync()
    return answer.verdict !== 'behind'
  })
  return answer
}

export async function assertSettled(...devices) {
  for (let round = 0; round < 3; round++) for (const device of devices) await device.sync()
  await assertEqual(...devices, await freshCopy(devices[0]))
}

export async function freshCopy(device) {
  const copy = await device.person.device(device.engine)
  await copy.sync()
  return copy
}
