// A team's service that pushes what its widgets on the home page show. No dependencies: `node push.mjs`.
//   HOME_URL    the server, http://127.0.0.1:5080 when left out
//   SOURCE_KEY  the key of the source, as an admin got it
// docs/widgets.md says how an admin adds the source and its widget `offer`.
const home = process.env.HOME_URL ?? 'http://127.0.0.1:5080'
const key = process.env.SOURCE_KEY
if (!key) throw new Error('Set SOURCE_KEY to a key of the source.')
const source = key.split('.')[0]

async function send(method, path, body) {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`${home}/api/home/sources/${source}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => null)
    if (answer?.ok) return
    // The same push again is harmless, so whatever may pass by itself is tried again.
    const mayPass = !answer || answer.status === 429 || answer.status >= 500
    if (!mayPass || attempt === 5) {
      if (!answer) throw new Error('There is no answer.')
      const text = await answer.text()
      throw Object.assign(new Error(`${answer.status}: ${text}`), { code: codeOf(text) })
    }
    const seconds = Number(answer?.headers.get('retry-after') ?? 2 ** attempt)
    await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  }
}

// Every refusal has a stable code; docs/problems.md lists them. What a proxy on the way answers has none.
function codeOf(text) {
  try {
    return JSON.parse(text).code
  } catch {
    return undefined
  }
}

export const push = (widget, audience, items) => send('PUT', `/snapshots/${widget}`, {
  audience,
  version: Date.now(),
  type: 'card-list',
  content: items.length === 0 ? null : { items },
  ttlSeconds: 300,
  staleSeconds: 24 * 60 * 60,
})

export const outdated = (widget, userId) => send('POST', '/events', { events: [{ key: widget, userId }] })

// What the team's own system would do when its rates, a quote or a contract change.
await push('offer', 'all', [{ title: '3.9 % until Sunday', text: 'For new furniture.', href: '/shop', meta: 'New' }])
const [userId] = process.argv.slice(2)
if (userId) {
  try {
    await push('offer', { userId }, [{ title: 'Your quote is ready', href: '/account', meta: 'Valid until Sunday' }])
  } catch (refusal) {
    if (refusal.code !== 'person-unknown') throw refusal
    console.error(`There is no account with the id ${userId}, or no longer: forget what you keep of it. What all are shown was pushed.`)
    process.exit(1)
  }
}
console.log('Pushed.')
