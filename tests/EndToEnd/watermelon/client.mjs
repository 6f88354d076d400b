// People and their devices: the genuine client, and nothing of its sync replaced.
import { createRequire } from 'node:module'
import { randomUUID } from 'node:crypto'
import { digest } from './digest.mjs'
import { modelsOf, schemas } from './engines.mjs'

const require = createRequire(import.meta.url)
const { Database } = require('@nozbe/watermelondb')
const { synchronize } = require('@nozbe/watermelondb/sync')
const logger = require('@nozbe/watermelondb/utils/common/logger').default

logger.silence()

export class Device {
  constructor(person, engine, { schemaVersion = 2, file, token } = {}) {
    Object.assign(this, { person, engine, schemaVersion, token, url: person.nextNode() })
    this.database = new Database({ adapter: engine.open(schemas[schemaVersion], file), modelClasses: modelsOf(schemas[schemaVersion]) })
    this.conflicts = 0
    this.merged = []
    this.replaced = 0
  }

  /** The app ends; its file stays. */
  leave() {
    return this.engine.leave(this.database.adapter)
  }

  /** Ids are the client's own unless one is given. */
  create(table, columns, id) {
    return this.database.write(() =>
      this.database.get(table).create((record) => {
        if (id) record._raw.id = id
        for (const [name, value] of Object.entries(columns)) record._setRaw(name, value)
      }),
    )
  }

  async edit(table, id, columns) {
    const record = await this.database.get(table).find(id)
    await this.database.write(() =>
      record.update(() => {
        for (const [name, value] of Object.entries(columns)) record._setRaw(name, value)
      }),
    )
  }

  async delete(table, id) {
    const record = await this.database.get(table).find(id)
    await this.database.write(() => record.markAsDeleted())
  }

  /** Takes a row off the device without a word to the server. */
  async forget(table, id) {
    const record = await this.database.get(table).find(id)
    await this.database.write(() => record.destroyPermanently())
  }

  async rows(table) {
    const records = await this.database.get(table).query().fetch()
    return Object.fromEntries(records.map((record) => [record.id, record._raw]).sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** What the device shows, without the client's own marks. */
  async shown() {
    const tables = {}
    for (const table of Object.keys(schemas[this.schemaVersion].tables)) {
      tables[table] = Object.values(await this.rows(table)).map(({ _status, _changed, ...row }) => row)
    }
    return JSON.stringify(tables)
  }

  /** Whether the device has what the server has, as the server says; one that differs is told with its next pull. */
  async compare() {
    const tables = {}
    for (const [table, { columnArray }] of Object.entries(schemas[this.schemaVersion].tables)) {
      tables[table] = digest(Object.values(await this.rows(table)), columnArray.map((column) => column.name))
    }
    return await this.call('POST', '/sync/digest', { lastPulledAt: this.lastPulledAt, tables })
  }

  /** True when nothing waits to be pushed. */
  async isClean() {
    for (const table of Object.keys(schemas[this.schemaVersion].tables)) {
      const unsynced = Object.values(await this.rows(table)).some((row) => row._status !== 'synced')
      if (unsynced || (await this.database.adapter.getDeletedRecords(table)).length > 0) return false
    }
    return true
  }

  /**
   * One `synchronize()`, or as many as an app would do: again after a conflict, and until there is no further page.
   * `merge` lets the server decide conflicts. `lose` names what gets no answer: 'pull', 'push', or 'push-request', which does not even
   * arrive. An `old` app knows no `sendCreatedAsUpdated` and pushes the bare changes as text.
   */
  async sync({ limit, lose, merge, onPulled, old, once = false } = {}) {
    let more
    for (let attempt = 0; attempt < 30; attempt++) {
      try {
        await synchronize({
          database: this.database,
          sendCreatedAsUpdated: !old,
          migrationsEnabledAtVersion: 1,
          pullChanges: async (asked) => {
            const answer = await this.call('GET', pathOf(asked, limit))
            if (lose === 'pull') throw new Lost()
            this.lastPulledAt = answer.timestamp
            if (answer.experimentalStrategy === 'replacement') this.replaced++
            await onPulled?.(answer)
            return answer
          },
          onDidPullChanges: ({ has_more }) => {
            more = has_more
          },
          pushChanges: async ({ changes, lastPulledAt }) => {
            if (lose === 'push-request') throw new Lost()
            const headers = { ...(merge ? { 'x-sync-merge': 'columns' } : {}), ...(old ? { 'content-type': 'text/plain' } : {}) }
            const body = old ? changes : { changes, lastPulledAt }
            const answer = await this.call('POST', `/sync/push?last_pulled_at=${lastPulledAt}`, body, headers)
            this.merged.push(...(answer.conflicts ?? []))
            if (lose === 'push') throw new Lost()
            return answer
          },
        })
        if (!more || once) return
      } catch (error) {
        if (error instanceof Lost) return
        if (error.status !== 409) throw error
        this.conflicts++
        if (once) return
      }
    }
    throw new Error('synchronizing does not end')
  }

  /** A first sync whose answer the client never parses: its native code reads the text. Null, or why this engine cannot. */
  async firstSyncByTurbo(change = (text) => text) {
    const missing = this.engine.turbo(this.database.adapter)
    if (missing) return missing
    await synchronize({
      database: this.database,
      sendCreatedAsUpdated: true,
      unsafeTurbo: true,
      pullChanges: async (asked) => ({ syncJson: change(await fetchText(this.url, this.token, 'GET', pathOf(asked))) }),
    })
  }

  /** Signed in again, as after a long time. */
  async signIn() {
    this.token = await this.person.signIn()
  }

  call(method, path, body, headers) {
    return call(this.url, this.token, method, path, body, headers)
  }
}

class Lost extends Error {}

export class Person {
  /** Somebody new. Their devices talk to the nodes in turn. */
  static async register(nodes) {
    const email = `phone-${randomUUID()}@kontor.example`
    const password = 'a long enough phrase'
    const { accessToken } = await call(nodes[0], null, 'POST', '/auth/register', { email, password, name: 'Robin' })
    return Object.assign(new Person(), { nodes, devices: 0, email, password, token: accessToken })
  }

  nextNode() {
    return this.nodes[this.devices++ % this.nodes.length]
  }

  async signIn() {
    const { accessToken } = await call(this.nodes[0], null, 'POST', '/auth/login', { email: this.email, password: this.password })
    return accessToken
  }

  /** A device with a sign-in of its own. */
  async device(engine, options = {}) {
    return new Device(this, engine, { ...options, token: await this.signIn() })
  }
}

function pathOf({ lastPulledAt, schemaVersion, migration }, limit) {
  const query = new URLSearchParams({
    last_pulled_at: lastPulledAt,
    schema_version: schemaVersion,
    migration: JSON.stringify(migration),
    ...(limit ? { limit } : {}),
  })
  return `/sync/pull?${query}`
}

export async function call(url, token, method, path, body, headers) {
  const text = await fetchText(url, token, method, path, body, headers)
  return text ? JSON.parse(text) : null
}

async function fetchText(url, token, method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) {
    const problem = answer.headers.get('content-type')?.startsWith('application/problem+json') ? JSON.parse(text) : {}
    throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { status: answer.status, problem })
  }
  return text
}
