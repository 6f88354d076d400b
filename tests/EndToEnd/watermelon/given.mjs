// What several scenarios need.
import assert from 'node:assert/strict'
import { Device, Person } from './client.mjs'

const [urls = 'http://127.0.0.1:5080'] = process.argv.slice(2)

export const newPerson = () => Person.register(urls.split(',').map((url) => url.replace(/\/$/, '')))

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

export async function assertEqual(...devices) {
  const shown = await Promise.all(devices.map((device) => device.shown()))
  for (const other of shown.slice(1)) assert.equal(other, shown[0])
  for (const device of devices) assert.ok(await device.isClean(), 'something waits to be pushed')
}

export async function assertSettled(...devices) {
  for (let round = 0; round < 3; round++) for (const device of devices) await device.sync()
  await assertEqual(...devices, await freshCopy(devices[0]))
}

export async function freshCopy(device) {
  const copy = new Device(device.person, device.engine)
  await copy.sync()
  return copy
}
