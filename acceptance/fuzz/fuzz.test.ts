/**
 * A generative fuzzer of both ports. No bytes stop the program, get an answer that is not HTTP, or get credentials that
 * they must not get; and the program serves well-behaved clients all the while, in bounded memory.
 *
 * `FUZZ_SEED` repeats a run, `FUZZ_CASES` sets its length. A case that fails is printed in base64: add it to
 * `test/http/corpus`, which is where the seeds come from.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readCorpus } from "../../test/support/corpus.ts";
import { type Serving, serveProgram } from "../../test/support/program.ts";
import { type FuzzCase, nextCase } from "./cases.ts";
import { exchange, type Heard } from "./connections.ts";
import { type Random, randomFrom } from "./random.ts";

const CASES = Number(process.env.FUZZ_CASES ?? 100_000);
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);

/** Connections at once: enough to keep both processes busy, and far below the listeners' bounds. */
const TOGETHER = 32;
/** A well-behaved client and a probe ask once in so many cases. */
const CHECK_EVERY = 2_000;

/** Cases after which code is compiled and buffers are as large as they become. */
const WARM_UP = 5_000;
/** In bytes; a leak of one kilobyte a case would be far above it. */
const MEMORY_GROWTH = 24 * 1_048_576;

/** As in the Dockerfile: without them the heap grows to what the machine has before it is collected. */
const IMAGE_FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=48"];

const TOKEN = "fake-auth-token-of-the-fuzzer";
/** How the demo's secret key and session token begin (src/upstream/demo.ts). */
const SECRET = "demo-not-a-";
/** What a listener may answer; 500 would be a fault of its own. */
const STATUS = /^HTTP\/1\.1 (?:20[02]|4\d\d|503|505) /;

interface Target {
  readonly name: string;
  readonly flags: readonly string[];
  readonly token: string | undefined;
  readonly port: (serving: Serving) => string;
  /** Whether any answer at all may hold credentials. */
  readonly mayServe: boolean;
  readonly share: number;
}

const targets: readonly Target[] = [
  {
    name: "the credential port, which asks for a token",
    flags: [`--auth-token=${TOKEN}`],
    token: TOKEN,
    port: ({ url }) => url,
    mayServe: true,
    share: 0.35,
  },
  {
    name: "the credential port without a token, and IMDSv1",
    flags: ["--imds=v1"],
    token: undefined,
    port: ({ url }) => url,
    mayServe: true,
    share: 0.35,
  },
  {
    name: "the admin port",
    flags: [],
    token: undefined,
    port: ({ adminUrl }) => adminUrl,
    mayServe: false,
    share: 0.3,
  },
];

for (const [index, target] of targets.entries()) {
  const cases = Math.ceil(CASES * target.share);
  test(`no bytes harm ${target.name}: ${cases} cases, seed ${SEED}`, async (t) => {
    const serving = await serveDemo(t, target);
    await fuzz(serving, target, Math.min(cases, WARM_UP), randomFrom(SEED - 1 - index));
    const before = await residentMemory(serving);
    await fuzz(serving, target, cases, randomFrom(SEED + index));
    assert.ok((await residentMemory(serving)) - before < MEMORY_GROWTH, "memory stays bounded");
    await assertServes(serving, target);
    serving.program.signal("SIGTERM");
    const { code, out, err } = await serving.program.ended;
    assert.equal(code, 0, err);
    assert.ok(!`${out}${err}`.includes(SECRET), "no output holds a secret");
    assert.doesNotMatch(out, /"code":"(?:Crashed|UnhandledRejection)"/);
  });
}

async function serveDemo(t: TestContext, { flags }: Target): Promise<Serving> {
  const serving = await serveProgram(t, ["--upstream=demo", ...flags], { nodeFlags: IMAGE_FLAGS });
  await serving.program.line("Ready");
  return serving;
}

async function fuzz(serving: Serving, target: Target, cases: number, random: Random): Promise<void> {
  const { port } = new URL(target.port(serving));
  const seeds = readCorpus("fake-session").map(({ bytes }) => withToken(bytes, target.token));
  let left = cases;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      if (left % CHECK_EVERY === 0) await assertServes(serving, target);
      const one = nextCase(random, { seeds, token: target.token });
      assertHarmless(one, await exchange(Number(port), one.bytes), target);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, worker));
}

/** A seed is a request that would be served, so that what breaks it is all that is wrong with it. */
function withToken(bytes: Buffer, token: string | undefined): Buffer {
  const head = "HTTP/1.1\r\n";
  const at = bytes.indexOf(head);
  if (token === undefined || at < 0) return bytes;
  const cut = at + head.length;
  return Buffer.concat([bytes.subarray(0, cut), Buffer.from(`Authorization: ${token}\r\n`), bytes.subarray(cut)]);
}

function assertHarmless({ bytes, forbidden }: FuzzCase, { text, ending }: Heard, { mayServe }: Target): void {
  const where = () => `seed ${SEED}, case ${bytes.toString("base64")}`;
  assert.equal(ending, "closed", where());
  assert.ok(text === "" || STATUS.test(text), `${text.slice(0, 60)}: ${where()}`);
  if (!mayServe) assert.ok(!text.includes(SECRET), `the admin port gives credentials: ${where()}`);
  if (forbidden !== undefined) assert.ok(!text.includes(SECRET), `credentials in spite of ${forbidden}: ${where()}`);
}

async function residentMemory({ adminUrl }: Serving): Promise<number> {
  const { text } = await exchange(Number(new URL(adminUrl).port), get("/metrics"));
  const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(text) ?? assert.fail("no metric of memory");
  return Number(bytes);
}

/** A client and a probe that do nothing wrong get what they ask for. */
async function assertServes({ url, adminUrl }: Serving, { token }: Target): Promise<void> {
  const [read, probe] = await Promise.all([
    exchange(Number(new URL(url).port), get("/v1/credentials", token)),
    exchange(Number(new URL(adminUrl).port), get("/livez")),
  ]);
  assert.match(read.text, /^HTTP\/1\.1 200 /);
  assert.ok(read.text.includes(SECRET));
  assert.match(probe.text, /^HTTP\/1\.1 200 /);
}

function get(path: string, token?: string): Buffer {
  const authorization = token === undefined ? "" : `Authorization: ${token}\r\n`;
  return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}\r\n`);
}
