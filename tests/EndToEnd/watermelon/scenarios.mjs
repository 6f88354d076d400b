// node scenarios.mjs URL[,URL...] [NAME...]: runs each scenario on each engine and prints `ok ...` or `not ok ...: reason`.
// With several URLs, of nodes on one database, a person's devices talk to them in turn. Some scenarios ask for what only their caller can
// do, `ask {...}`, and wait for the line `done`.
import { engines } from './engines.mjs'
import { scenarios as apps } from './apps.mjs'
import { scenarios as bringing } from './bringing.mjs'
import { scenarios as healing } from './healing.mjs'
import { scenarios as network } from './network.mjs'
import { scenarios as refused } from './refused.mjs'
import { scenarios as sharing } from './sharing.mjs'

const scenarios = { ...sharing, ...network, ...apps, ...refused, ...bringing, ...healing }
const names = process.argv.slice(3)

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
