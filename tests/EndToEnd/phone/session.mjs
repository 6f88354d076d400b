// Runs the example of docs/accounts.md as an app would, on a network that loses answers.
// Arguments: the scenario, the server's address, and the file in which the app keeps its tokens.
// It is started in ../watermelon, whose TypeScript checks the example first.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [scenario, server, file] = process.argv.slice(2);
const ts = createRequire(join(process.cwd(), "x.js"))("typescript");

const store = {
  load: async () => JSON.parse(readFileSync(file, "utf8")),
  save: async (stored) => writeFileSync(file, JSON.stringify(stored)),
};

const genuine = globalThis.fetch;
const asked = [];

/** Tells what happens to the answer of each refresh, by its number from 0. */
function network(fate) {
  globalThis.fetch = async (url, init) => {
    if (!String(url).endsWith("/auth/refresh")) return genuine(url, init);
    const body = JSON.parse(init.body);
    assert.equal((await store.load()).attempt, body.attempt, "the attempt is stored before it is sent");
    asked.push(body);
    return fate(asked.length - 1, () => genuine(url, init));
  };
}

const lost = async (ask) => {
  await ask();
  throw new TypeError("The connection was lost.");
};

const scenarios = {
  /** The server answers, and no answer arrives. */
  async lose({ Session }) {
    network((_, ask) => lost(ask));
    await spoil();
    await assert.rejects(new Session(server, store).fetch("/users/me"), /No answer/);
    assert.equal(new Set(asked.map((body) => body.attempt)).size, 1);
    assert.ok(asked.length > 1);
  },

  /** Some time later, after the app was started anew. */
  async resume({ Session }) {
    const { attempt, refreshToken } = await store.load();
    network((_, ask) => ask());
    assert.equal((await new Session(server, store).fetch("/users/me")).status, 200);
    assert.deepEqual(asked, [{ refreshToken, attempt }]);
    const stored = await store.load();
    assert.equal(stored.attempt, undefined);
    assert.notEqual(stored.refreshToken, refreshToken);
  },

  /** Many requests at once, the first answer cut in half, the second a server that is busy. */
  async parallel({ Session }) {
    network(async (number, ask) => {
      if (number === 0) return new Response((await (await ask()).text()).slice(0, 40), { status: 200 });
      return number === 1 ? new Response("{}", { status: 503, headers: { "retry-after": "1" } }) : ask();
    });
    await spoil();
    const session = new Session(server, store);
    const answers = await Promise.all(Array.from({ length: 8 }, () => session.fetch("/users/me")));
    assert.deepEqual(answers.map((answer) => answer.status), Array(8).fill(200));
    assert.equal(asked.length, 3);
  },

  /** What a refresh does not help with is the caller's. */
  async others({ Session }) {
    network((_, ask) => ask());
    const session = new Session(server, store);
    const answer = await session.fetch("/auth/sessions/nothing", { method: "DELETE" });
    assert.equal((await answer.json()).code, "not-found");
    assert.equal(asked.length, 0);
  },

  /** The session was ended elsewhere. */
  async ended({ Session, SignedOut }) {
    network((_, ask) => ask());
    const session = new Session(server, store);
    await session.fetch("/auth/logout", { method: "POST" });
    await assert.rejects(session.fetch("/users/me"), SignedOut);
    assert.equal(await store.load(), null);
    assert.equal(asked.length, 1);
    await assert.rejects(session.fetch("/users/me"), SignedOut);
    assert.equal(asked.length, 1);
  },
};

/** As if the access token had run out. */
async function spoil() {
  await store.save({ ...(await store.load()), accessToken: "a.b.c" });
}

/** The example; its types are checked by the first scenario, which takes a while. */
async function example() {
  const page = readFileSync(join(process.cwd(), "../../../docs/accounts.md"), "utf8");
  const source = /^```ts\n([\s\S]*?)^```$/m.exec(page)[1];
  const options = {
    strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [],
  };
  if (scenario === "lose") {
    const path = join(dirname(file), "session.ts");
    writeFileSync(path, source);
    const errors = ts.getPreEmitDiagnostics(ts.createProgram([path], { ...options, noEmit: true }));
    assert.deepEqual(errors.map((one) => ts.flattenDiagnosticMessageText(one.messageText, " ")), []);
  }

  const compiled = join(dirname(file), "session.mjs");
  writeFileSync(compiled, ts.transpileModule(source, { compilerOptions: options }).outputText);
  return import(pathToFileURL(compiled).href);
}

await scenarios[scenario](await example());
console.log(`ok ${scenario}`);
