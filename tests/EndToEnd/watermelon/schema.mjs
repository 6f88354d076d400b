// Reads the printed schema, checks its types as an app's build would, and opens a database with it. Prints what it found as JSON.
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const ts = require('typescript')
const [, , file, server, token] = process.argv

const options = {
  strict: true,
  noEmit: true,
  experimentalDecorators: true,
  useDefineForClassFields: false,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  typeRoots: [],
  types: [],
}
const problems = ts
  .getPreEmitDiagnostics(ts.createProgram([file], options))
  .filter((one) => one.file?.fileName === file)
  .map((one) => ts.flattenDiagnosticMessageText(one.messageText, '\n'))

const { outputText } = ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions: { ...options, noEmit: false } })
writeFileSync(file.replace(/\.ts$/, '.cjs'), outputText)
const { schema, migrations, modelClasses } = require(file.replace(/\.ts$/, '.cjs'))

const { Database } = require('@nozbe/watermelondb')
const { synchronize } = require('@nozbe/watermelondb/sync')
const LokiJSAdapter = require('@nozbe/watermelondb/adapters/lokijs').default
const { LokiMemoryAdapter } = require('lokijs')
require('@nozbe/watermelondb/utils/common/logger').default.silence()

const adapter = new LokiJSAdapter({
  dbName: 'printed',
  schema,
  migrations,
  useWebWorker: false,
  useIncrementalIndexedDB: false,
  extraLokiOptions: { autosave: false, adapter: new LokiMemoryAdapter() },
})
const database = new Database({ adapter, modelClasses })

async function ask(path, init) {
  const answer = await fetch(`${server}${path}`, {
    ...init,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
  })
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`)
  return answer.json()
}

await database.write(async () => {
  await database.get('tasks').create((task) => {
    task.title = 'By the printed model'
    task.isCompleted = false
    task.projectId = ''
  })
})
await synchronize({
  database,
  sendCreatedAsUpdated: true,
  pullChanges: ({ lastPulledAt }) => ask(`/sync/pull?last_pulled_at=${lastPulledAt}`),
  pushChanges: ({ changes, lastPulledAt }) =>
    ask(`/sync/push?last_pulled_at=${lastPulledAt}`, { method: 'POST', body: JSON.stringify({ changes, lastPulledAt }) }),
})
const pulled = await ask('/sync/pull')
const count = async (table) => [table, await database.get(table).query().fetchCount()]
const counts = Object.fromEntries(await Promise.all(['products', 'orders', 'order_items', 'home_widgets'].map(count)))
const product = (await database.get('products').query().fetch())[0]
console.log(
  JSON.stringify({
    problems,
    version: schema.version,
    tables: Object.keys(schema.tables),
    counts,
    product: { name: product?.name, priceMinor: product?.priceMinor, inStock: product?.inStock },
    titles: pulled.changes.tasks.updated.map((row) => row.title),
  }),
)
process.exit(0)
