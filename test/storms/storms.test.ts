/** A storm of each SDK family, from what real clients of it sent: told by metric, log and page, each with the remedy. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { findClient } from "../../src/policy/clients.ts";
import { titleWithName } from "../../src/status/client-title.ts";
import type { StatusDocument } from "../../src/status/json.ts";
import type { Storm } from "../../src/telemetry/events.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { openSession, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";
import { type Head, type Recording, type Run, recordings } from "./recording.ts";

/** More than a storm within the minute for which the clock stands still. */
const STORM_READS = 40;
/** What the honest report leaves out. */
const MARGIN_S = 60;

const all = recordings();
const windowsOf = ({ row, protocol }: Recording) => (findClient(row) ?? assert.fail(row))[protocol];

/** One read when it starts, or one and one after a refresh; a program of one request each reads for each. */
function stormed({ sdk }: Recording, { requests, reads }: Run): boolean {
  return reads > (/ CLI /.test(sdk) ? requests : 2);
}

/** The request that is answered with credentials. */
function readOf({ heads, client }: Recording): Head {
  const isRead = ({ method, target }: Head) => method === "GET" && /\/(?:v1\/credentials|default)$/.test(target);
  return heads.find(isRead) ?? assert.fail(`${client} recorded no read`);
}

function fieldOf(header: string): readonly [name: string, value: string] {
  const colon = header.indexOf(": ");
  return [header.slice(0, colon), header.slice(colon + 2)];
}

interface Reported {
  readonly status: StatusDocument;
  readonly storms: readonly Storm[];
  readonly logged: readonly Record<string, unknown>[];
  readonly metrics: string;
  readonly page: string;
}

/** What a sidecar makes of these reads that upstream gave so short a session; `line` is in its environment. */
async function replay(t: TestContext, recording: Recording, run: Run, reads: number, line?: string): Promise<Reported> {
  const storms: Storm[] = [];
  const logged: Record<string, unknown>[] = [];
  const log = createLog("warn", { write: (text) => void logged.push(JSON.parse(text)) }, () => EPOCH);
  const served = await serveCredentials(t, {
    credentials: { default: fakeCredentials(EPOCH + (run.reportedSeconds + MARGIN_S) * SECOND) },
    flags: ["--imds=v1", ...(line === undefined ? [] : [flagOf(line)])],
    observers: [log, { onStorm: (storm) => void storms.push(storm) }],
  });
  const { method, target, headers } = readOf(recording);
  const session = await openSession(served);
  const sent = headers.map(fieldOf).filter(([name]) => name.toLowerCase() !== "connection");
  const own = sent.map(([name, value]) => [name, value.replace("fake-session-token", session)]);
  for (let read = 0; read < reads; read += 1) {
    const { status } = await get(`${served.url}${target}`, { method, headers: Object.fromEntries(own) });
    assert.equal(status, 200);
  }
  const from = async (path: string) => (await get(`${served.adminUrl}${path}`)).text;
  const status: StatusDocument = JSON.parse(await from("/status"));
  return { status, storms, logged, metrics: await from("/metrics"), page: await from("/") };
}

/** `SIDECAR_CLIENT=botocore-1` as the flag that means the same. */
function flagOf(line: string): string {
  return line.replace(/^SIDECAR_(\w+)=/, (_, name: string) => `--${name.toLowerCase()}=`);
}

const isCalm = ({ status, storms, logged, metrics, page }: Reported): void => {
  assert.deepEqual([status.storming, storms, logged], [[], [], []]);
  assert.doesNotMatch(metrics, /credential_sidecar_storming\{/);
  assert.match(page, /<h1>No problems found\.<\/h1>/);
};

for (const recording of all) {
  const { client, version, protocol, row, runs } = recording;
  for (const run of runs) {
    const name = `${client} ${version} over ${protocol}, told ${(run.reportedSeconds / MINUTE) * SECOND} min`;
    if (!stormed(recording, run)) {
      test(`takes ${run.reads} reads for ${run.requests} requests by ${name} for no storm`, async (t) => {
        isCalm(await replay(t, recording, run, run.reads));
      });
      continue;
    }
    test(`tells of the storm by ${name}, or calms it`, async (t) => {
      const reported = await replay(t, recording, run, STORM_READS);
      const [seen, ...others] = reported.status.clients;
      assert.ok(seen !== undefined && others.length === 0, "one client is seen");
      const { advisorySeconds, mandatorySeconds } = windowsOf(recording);
      if ((seen.reported?.secondsLeft ?? 0) > run.reportedSeconds && seen.state === "calm") return isCalm(reported);
      assert.equal(seen.state, "storming");
      assert.deepEqual(reported.status.storming, [seen.name]);
      assert.match(reported.metrics, new RegExp(`^credential_sidecar_storming\\{client="${seen.name}"\\} 1$`, "m"));
      assert.equal(reported.logged.length, 1, "one line for all of them");
      assert.equal(reported.logged[0]?.code, "Storm");
      assert.equal(reported.logged[0]?.client, seen.name);
      assert.equal(reported.logged[0]?.remedy, seen.remedy?.text);
      assert.match(
        reported.page,
        new RegExp(`<h1>${RegExp.escape(titleWithName(seen.name))} reads credentials again at every use`),
      );
      const calmable = mandatorySeconds > 0 && run.reportedSeconds + mandatorySeconds >= advisorySeconds + MARGIN_S;
      assert.equal(seen.remedy?.line, calmable ? `SIDECAR_CLIENT=${row}` : undefined);
      if (!calmable) assert.match(seen.remedy?.text ?? "", /let upstream issue longer sessions/);
    });
  }
}

const curable = all.flatMap((recording) => {
  const { advisorySeconds, mandatorySeconds } = windowsOf(recording);
  const runs = recording.runs.filter((run) => stormed(recording, run) && mandatorySeconds > 0);
  return runs
    .filter(({ reportedSeconds }) => reportedSeconds + mandatorySeconds >= advisorySeconds + MARGIN_S)
    .map((run) => ({ recording, run }));
});

for (const { recording, run } of curable) {
  const { client, row, protocol } = recording;
  test(`the line that the page gives calms ${client} over ${protocol}, told ${run.reportedSeconds} s`, async (t) => {
    const reported = await replay(t, recording, run, STORM_READS, `SIDECAR_CLIENT=${row}`);
    isCalm(reported);
    assert.equal(reported.status.clients[0]?.state, "calm");
  });
}

test("has recordings of every SDK that a program here can be built with", () => {
  const rows = new Set(all.map(({ row }) => row));
  const families = ["botocore-1", "crt", "go-v1", "go-v2", "java-v1", "java-v1.11", "java-v2", "js-v2", "js-v3"];
  const others = ["kotlin", "minio-go", "minio-js", "minio-py", "object-store", "ruby", "rust"];
  assert.deepEqual([...rows].sort(), [...families, ...others]);
});

test("every recording holds only values that look fake", () => {
  for (const { client, heads } of all) {
    for (const { headers } of heads) {
      for (const header of headers) {
        const [name, value] = fieldOf(header);
        // object_store sends what its token's file holds, and that is empty.
        if (/token$|authorization/i.test(name)) assert.match(value, /^(?:fake-|$)/, client);
        if (/^host$/i.test(name)) assert.equal(value, "127.0.0.1:9911");
      }
    }
  }
});
