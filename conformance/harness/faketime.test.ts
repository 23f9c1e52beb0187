/** Everything under the faked clock agrees on the time, and its timers keep to it. Needs Debian's `faketime`. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { run } from "../processes.ts";
import { kiam } from "./fake-upstream.ts";
import { type Clock, startFakeClock } from "./faketime.ts";
import { Fixture } from "./fixture.ts";
import { startSidecar } from "./sidecar.ts";

let clock: Clock;
let fixture: Fixture;
before(async () => {
  clock = await startFakeClock(60);
  fixture = await Fixture.open(clock);
});
after(() => fixture.close());

const now = async () => (await fixture.do("now", {})).now;

const programs: readonly { readonly name: string; readonly command: string; readonly args: readonly string[] }[] = [
  { name: "date", command: "date", args: ["+%s%3N"] },
  { name: "Node", command: process.execPath, args: ["-p", "Date.now()"] },
  {
    name: "Node's timers",
    command: process.execPath,
    args: ["-e", "setTimeout(() => console.log(Date.now()), 60_000)"],
  },
  { name: "Python", command: "python3", args: ["-c", "import time; print(int(time.time() * 1000))"] },
];

for (const { name, command, args } of programs) {
  test(`${name} and the fixture server tell the same time, whichever was started first`, async () => {
    const from = await now();
    const { stdout, stderr } = await run(command, args, clock.env);
    const to = await now();
    const reported = Number(stdout);
    assert.ok(from <= reported && reported <= to, `${from} ≤ ${reported} ≤ ${to} ${stderr}`);
  });
}

test("a timer of ten minutes ends after ten minutes of that clock", async () => {
  const from = await now();
  const wait = "const t = Date.now(); setTimeout(() => console.log(Date.now() - t), 600_000)";
  const { stdout } = await run(process.execPath, ["-e", wait], clock.env);
  assert.ok(Number(stdout) >= 600_000);
  assert.ok((await now()) - from >= 600_000);
});

test("the sidecar refreshes by that clock", async () => {
  const upstream = await fixture.do("open-upstream", kiam);
  const env = { SIDECAR_UPSTREAM: "imds", AWS_EC2_METADATA_SERVICE_ENDPOINT: `${upstream.url}/` };
  const sidecar = await startSidecar({ clock, env, until: "ready" });
  try {
    // kiam keeps a session for ten minutes, and the sidecar asks again after some five of them at the latest.
    await run(process.execPath, ["-e", "setTimeout(() => {}, 900_000)"], clock.env);
    const { issued } = await fixture.do("report-upstream", { id: upstream.id });
    assert.ok(issued >= 2, `${issued} sessions`);
  } finally {
    await sidecar.stop();
  }
});
