// Writes common-passwords.bloom, the list of passwords that people choose first: node src/Accounts/Passwords/common-passwords.mjs
// With --check it says instead whether the file is what it would write. Needs npm, and nothing installed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = [
  {
    package: '@zxcvbn-ts/language-common@4.1.3',
    sha512: 'g2bg4skmlJG9aJqC/nWziZzgYpSe/f3rKeGobrkdFiOrfZVFqqzUgC6BUQWuX54Sua9j0Jxxt+1bf4f/Mal1Kg==',
    lists: ['passwords'],
  },
  {
    package: '@zxcvbn-ts/language-de@3.0.2',
    sha512: 'CPl2314qWtnJl4EkeEqFbL4unP6yEAHO976ER+df8CQcKsF4FxdZYEahkleWU66dhNI2VKnmJKNMzq8QtHQKcw==',
    lists: ['commonWords', 'firstnames'],
  },
];

// As CommonPasswords.cs reads it: 16 positions for each entry give one false alarm in 65,536 questions when half of the bits are set.
const positions = 16;
const bitsForEach = positions / Math.LN2;
const lengthMin = 4;

const file = join(dirname(fileURLToPath(import.meta.url)), 'common-passwords.bloom');

function read({ package: name, sha512, lists }) {
  const folder = mkdtempSync(join(tmpdir(), 'common-passwords-'));
  try {
    const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--silent', name], { cwd: folder }));
    const archive = join(folder, filename);
    const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (found !== sha512) throw new Error(`${name} is not the archive that was meant: its SHA-512 is ${found}.`);
    execFileSync('tar', ['-xzf', archive, '-C', folder]);
    return lists.flatMap(list => JSON.parse(readFileSync(join(folder, 'package', 'src', `${list}.json`), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fold = text => text.normalize('NFKD').replace(/\p{Mn}/gu, '').toLowerCase();

const entries = new Set(sources.flatMap(read).map(fold).filter(entry => entry.length >= lengthMin));

const bytes = Buffer.alloc(Math.ceil(entries.size * bitsForEach / 64) * 8);
const bits = BigInt(bytes.length * 8);
for (const entry of entries) {
  const hash = createHash('sha256').update(entry).digest();
  const [first, step] = [hash.readBigUInt64LE(0), hash.readBigUInt64LE(8)];
  for (let i = 0n; i < positions; i++) {
    const at = Number(BigInt.asUintN(64, first + i * step) % bits);
    bytes[at >> 3] |= 1 << (at & 7);
  }
}

if (process.argv.includes('--check')) {
  const same = existsSync(file) && readFileSync(file).equals(bytes);
  console.log(same ? 'It is the same.' : 'It would be another.');
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(file, bytes);
  console.log(`${entries.size} entries in ${bytes.length} bytes`);
}
