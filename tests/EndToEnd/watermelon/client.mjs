// People and their devices: the genuine client, and nothing of its sync replaced.
import { createRequire } from 'node:module'
import { randomUUID } from 'node:crypto'
import { digest } from './digest.mjs'

// The package is written for bundlers; Node finds its folders by `require` only.
const require = createRequire(import.meta.url)
const { Database, Model, appSchema, tableSchema } = require('@nozbe/watermelondb')
const { schemaMigrations, addColumns, createTable } = require('@nozbe/watermelondb/Schema/migrations')
const { synchronize } = require('@nozbe/watermelondb/sync')
const logger = require('@nozbe/watermelondb/utils/common/logger').default

logger.silence()

class Project extends Model {
  static table = 'projects'
}

class Task extends Model {
  static table = 'tasks'
}

const projectColumns = [
  { name: 'name', type: 'string' },
  { name: 'description', type: 'string', isOptional: true },
  { name: 'created_at', type: 'number' },
  { name: 'updated_at', type: 'number' },
]
const taskColumns = [
  { name: 'title', type: 'string' },
  { name: 'is_completed', type: 'boolean' },
  { name: 'project_id', type: 'string', isIndexed: true },
  { name: 'created_at', type: 'number' },
  { name: 'updated_at', type: 'number' },
]
const described = { name: 'description', type: 'string', isOptional: true }

// Version 1 of the app knew no projects, and no descriptions of tasks.
const schemas = {
  1: appSchema({ version: 1, tables: [tableSchema({ name: 'tasks', columns: taskColumns })] }),
  2: appSchema({
    version: 2,
    tables: [
      tableSchema({ name: 'projects', columns: projectColumns }),
      tableSchema({ name: 'tasks', columns: [...taskColumns, described] }),
    ],
  }),
}
const migrations = schemaMigrations({
  migrations: [
    {
      toVersion: 2,
      steps: [createTable({ name: 'projects', columns: projectColumns }), addColumns({ table: 'tasks', columns: [described] })],
    },
  ],
})

/** The client's storage engines that run in Node: its name, whether a database outlives its object, and how one is opened. */
export const engines = [
  {
    name: 'lokijs',
    keeps: false,
    open: (schema) => {
      const LokiJSAdapter = require('@nozbe/watermelondb/adapters/lokijs').default
      const { LokiMemoryAdapter } = require('lokijs')
      return new LokiJSAdapter({
        dbName: randomUUID(),
        schema,
        useWebWorker: false,
        useIncrementalIndexedDB: false,
        extraLokiOptions: { autosave: false, adapter: new LokiMemoryAdapter() },
      })
    },
  },
]

try {
  require('better-sqlite3')
  const SQLiteAdapter = require('@nozbe/watermelondb/adapters/sqlite').default
  engines.push({
    name: 'sqlite',
    keeps: true,
    open: (schema, name) => new SQLiteAdapter({ dbName: name, schema, ...(schema.version > 1 ? { migrations } : {}) }),
  })
} catch (error) {
  console.log(`skip sqlite: ${error.message.split('\n')[0]}`)
}

export class Device {
  constructor(person, engine, { schemaVersion = 2, file = ':memory:', token = person.token } = {}) {
    Object.assign(this, { person, engine, schemaVersion, token, url: person.nextNode() })
    this.database = new Database({
      adapter: engine.open(schemas[schemaVersion], file),
      modelClasses: schemaVersion > 1 ? [Project, Task] : [Task],
    })
    this.conflicts = 0
    this.merged = []
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
   * `merge` lets the server decide conflicts. `lose` names what gets no answer: 'pull', 'push', or 'push-request', which does not even arrive.
   */
  async sync({ limit, lose, merge, onPulled, once = false } = {}) {
    let more
    for (let attempt = 0; attempt < 30; attempt++) {
      try {
        await synchronize({
          database: this.database,
          sendCreatedAsUpdated: true,
          migrationsEnabledAtVersion: this.schemaVersion > 1 && this.engine.keeps ? 1 : undefined,
          pullChanges: async ({ lastPulledAt, schemaVersion, migration }) => {
            const query = new URLSearchParams({
              last_pulled_at: lastPulledAt,
              schema_version: schemaVersion,
              migration: JSON.stringify(migration),
            })
            if (limit) query.set('limit', limit)
            const answer = await this.call('GET', `/sync/pull?${query}`)
            if (lose === 'pull') throw new Lost()
            this.lastPulledAt = answer.timestamp
            await onPulled?.(answer)
            return answer
          },
          onDidPullChanges: ({ has_more }) => {
            more = has_more
          },
          pushChanges: async ({ changes, lastPulledAt }) => {
            if (lose === 'push-request') throw new Lost()
            const headers = merge ? { 'x-sync-merge': 'columns' } : {}
            const answer = await this.call('POST', `/sync/push?last_pulled_at=${lastPulledAt}`, { changes, lastPulledAt }, headers)
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

  /** A device with a sign-in of its own. */
  async device(engine, options = {}) {
    const { accessToken } = await call(this.nodes[0], null, 'POST', '/auth/login', { email: this.email, password: this.password })
    return new Device(this, engine, { ...options, token: accessToken })
  }
}

async function call(url, token, method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: { ...headers, 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${text}`), { status: answer.status })
  return text ? JSON.parse(text) : null
}
