// What `docs/sync.md` shows: count and hash of a table's rows, as the server computes them.
const mix = (h) => {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
const text = (value) => (value === null ? '\0' : typeof value === 'boolean' ? `${+value}` : `${value}`)
const hex = (h) => (h >>> 0).toString(16).padStart(8, '0')

export function digest(rows, columns) {
  let [all1, all2] = [0, 0]
  for (const row of rows) {
    let [row1, row2] = [0x811c9dc5, 0x1b873593]
    for (const char of ['id', ...columns].map((name) => text(row[name])).join('\x1f').split('')) {
      row1 = Math.imul(row1 ^ char.charCodeAt(0), 0x01000193)
      row2 = Math.imul(row2 ^ char.charCodeAt(0), 0x85ebca6b)
    }
    all1 ^= mix(row1)
    all2 ^= mix(row2)
  }
  return { columns, count: rows.length, hash: hex(all1) + hex(all2) }
}
