// The versions of the app, and the client's storage engines that run in Node.
import { createRequire } from 'node:module'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildTurbo, giveTurbo } from './turbo/turbo.mjs'

// The package is written for bundlers; Node finds its folders by `require` only.
const require = createRequire(import.meta.url)
const { Model, appSchema, tableSchema } = require('@nozbe/watermelondb')
const { schemaMigrations, addColumns, createTable } = require('@nozbe/watermelondb/Schema/migrations')

const text = (name) => ({ name, type: 'string' })
const number = (name) => ({ name, type: 'number' })
const flag = (name) => ({ name, type: 'boolean' })
const optional = (column) => ({ ...column, isOptional: true })

const taskColumns = [
  text('title'),
  flag('is_completed'),
  { ...text('project_id'), isIndexed: true },
  number('created_at'),
  number('updated_at'),
]
const description = optional(text('description'))
const projects = { name: 'projects', columns: [text('name'), description, number('created_at'), number('updated_at')] }

/** What only the server writes. */
const readOnly = [
  {
    name: 'products',
    columns: [
      ...['slug', 'name', 'description', 'category', 'currency'].map(text),
      optional(text('image_url')),
      ...['price_minor', 'rating_tenths', 'review_count', 'created_at', 'updated_at'].map(number),
      optional(number('lowest_minor')),
      flag('in_stock'),
    ],
  },
  {
    name: 'orders',
    columns: [...['number', 'status', 'currency'].map(text), ...['total_minor', 'created_at', 'updated_at'].map(number)],
  },
  {
    name: 'order_items',
    columns: [...['order_id', 'product_id', 'name'].map(text), ...['quantity', 'price_minor', 'position'].map(number)],
  },
  {
    name: 'home_widgets',
    columns: [...['key', 'type', 'title', 'titles', 'content'].map(text), ...['type_version', 'position'].map(number)],
  },
]
const notes = { name: 'notes', columns: [text('content')] }
const planner = [projects, { name: 'tasks', columns: [...taskColumns, description] }]

/**
 * By the app's version: 1 knew no projects, and no descriptions of tasks; 3 has the catalogue, orders and the home feed; 4 is ahead of
 * the server, which knows no notes.
 */
export const schemas = Object.fromEntries(
  [[{ name: 'tasks', columns: taskColumns }], planner, [...planner, ...readOnly], [...planner, ...readOnly, notes]].map((tables, i) => [
    i + 1,
    appSchema({ version: i + 1, tables: tables.map(tableSchema) }),
  ]),
)
/** Each version of the app has the migrations up to its own. */
const migrationsOf = ({ version }) =>
  schemaMigrations({
    migrations: [
      { toVersion: 2, steps: [createTable(projects), addColumns({ table: 'tasks', columns: [description] })] },
      { toVersion: 3, steps: readOnly.map(createTable) },
      { toVersion: 4, steps: [createTable(notes)] },
    ].slice(0, version - 1),
  })

const models = {}

export const modelsOf = (schema) =>
  Object.keys(schema.tables).map(
    (name) =>
      (models[name] ??= class extends Model {
        static table = name
      }),
  )

const stores = new Map()

/**
 * Of each: how a database is opened, how it is left so that it can be opened again under its name, and how it gets turbo, or why not.
 */
export const engines = [
  {
    name: 'lokijs',
    open: (schema, name = randomUUID()) => {
      const LokiJSAdapter = require('@nozbe/watermelondb/adapters/lokijs').default
      const { LokiMemoryAdapter } = require('lokijs')
      if (!stores.has(name)) stores.set(name, new LokiMemoryAdapter())
      return new LokiJSAdapter({
        dbName: name,
        schema,
        migrations: migrationsOf(schema),
        useWebWorker: false,
        useIncrementalIndexedDB: false,
        extraLokiOptions: { autosave: false, adapter: stores.get(name) },
      })
    },
    leave: ({ underlyingAdapter }) => new Promise((resolve) => underlyingAdapter._driver.loki.saveDatabase(resolve)),
    turbo: () => 'LokiJS has no turbo',
  },
]

try {
  require('better-sqlite3')
  const SQLiteAdapter = require('@nozbe/watermelondb/adapters/sqlite').default
  engines.push({
    name: 'sqlite',
    open: (schema, name = ':memory:') => new SQLiteAdapter({ dbName: name, schema, migrations: migrationsOf(schema) }),
    leave: () => {},
    turbo: ({ underlyingAdapter }) => {
      const { program, missing } = buildTurbo()
      if (program) giveTurbo(underlyingAdapter, program)
      return missing
    },
  })
} catch (error) {
  console.log(`skip sqlite: ${error.message.split('\n')[0]}`)
}

const folder = mkdtempSync(join(tmpdir(), 'kontor-phone-'))
process.on('exit', () => rmSync(folder, { recursive: true }))

/** A name for a database that can be left and opened again; for SQLite, a file. */
export const newFile = () => join(folder, `${randomUUID()}.db`)
