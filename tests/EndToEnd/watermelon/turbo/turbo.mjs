// Turbo is the work of native code, which the client's engines in Node lack. Here that very code (C++ of `@nozbe/watermelondb` and of
// `@nozbe/simdjson`) is built as a program and does what it does on a phone; ours are only the values of JavaScript that it passes (jsi.h).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const packages = join(here, '..', 'node_modules')
const native = join(packages, '@nozbe', 'watermelondb', 'native', 'shared')
const simdjson = join(packages, '@nozbe', 'simdjson', 'src')
const sources = [
  join(here, 'main.cpp'),
  ...['Database-turboSync', 'Database-sqlite', 'Database-jsi', 'Database', 'Sqlite'].map((name) => join(native, `${name}.cpp`)),
  join(simdjson, 'simdjson.cpp'),
]

/** The program's file, built when it is older than its sources; or why there is none. */
export function buildTurbo() {
  const folder = join(packages, '.turbo')
  const program = join(folder, 'turbo')
  const newest = Math.max(...[...sources, join(here, 'jsi', 'jsi.h')].map((file) => statSync(file).mtimeMs))
  if (existsSync(program) && statSync(program).mtimeMs > newest) return { program }
  mkdirSync(folder, { recursive: true })
  // As the client's sources ask for it.
  const headers = mkdtempSync(join(folder, 'include-'))
  try {
    symlinkSync(simdjson, join(headers, 'simdjson'))
    const includes = [here, native, headers, join(packages, '@nozbe', 'sqlite', 'sqlite-amalgamation-3460000')].map((path) => `-I${path}`)
    const built = join(headers, 'turbo')
    const { error, status, stderr } = spawnSync(
      'g++',
      ['-std=c++17', '-O1', '-w', ...includes, ...sources, '-l:libsqlite3.so.0', '-o', built],
      { encoding: 'utf8' },
    )
    if (error) return { missing: 'turbo needs a C++ compiler (g++)' }
    if (status !== 0) throw new Error(`turbo could not be built: ${stderr.slice(0, 1000)}`)
    renameSync(built, program)
    return { program }
  } finally {
    rmSync(headers, { recursive: true })
  }
}

/** The adapter loads from now on as it does with JSI on a phone. Its database is a file. */
export function giveTurbo(adapter, program) {
  const call = adapter._dispatcher.call.bind(adapter._dispatcher)
  const provided = new Map()
  adapter._dispatcherType = 'jsi'
  adapter._dispatcher.call = (method, args, callback) => {
    if (method === 'provideSyncJson') {
      provided.set(args[0], args[1])
      callback({ value: undefined })
    } else if (method === 'unsafeLoadFromSync') {
      const [id, schema, before, after] = args
      callback(load(program, adapter.dbName, provided.get(id), [schema, before, after]))
    } else {
      call(method, args, callback)
    }
  }
}

function load(program, database, json, [schema, before, after]) {
  const folder = mkdtempSync(join(tmpdir(), 'kontor-turbo-'))
  try {
    const files = { json, schema: JSON.stringify(schema) }
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
    const { status, stdout, stderr } = spawnSync(
      program,
      [database, ...Object.keys(files).map((name) => join(folder, name)), before, after],
      { encoding: 'utf8' },
    )
    if (status !== 0) return { error: new Error(stderr) }
    const rest = stdout.split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)])
    return { value: Object.fromEntries(rest) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
