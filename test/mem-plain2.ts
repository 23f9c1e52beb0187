/** Promise 11, on the credential listener's whole path from the headers to the bytes, without sockets. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";

import { declarableNames } from "../src/lifetime/clients.ts";
import { MINUTE } from "../src/lifetime/renewal.ts";
import { Tokens } from "../src/listeners/authorization.ts";
import { credentialListener } from "../src/listeners/credential-listener.ts";
import { AllowedHosts } from "../src/listeners/guards.ts";
import { Reads } from "../src/listeners/reads.ts";
import { SessionTokens } from "../src/listeners/session-token.ts";
import { Keeper } from "../src/keeper/keeper.ts";
import { fanOut, type Observer } from "../src/telemetry/events.ts";
import { createLog } from "../src/telemetry/log.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { StormWatch } from "../src/telemetry/storms.ts";
import { UpstreamFailure } from "../src/upstream/failure.ts";
import { FakeClock } from "./support/fake-clock.ts";
import { fakeEdge } from "./support/fake-edge.ts";
import { bytesInUse } from "./support/heap.ts";
import { fakeCredentials, upstreamOf } from "./support/upstreams.ts";

const RENEWALS = Number(process.env.REN);
const READS_PER_RENEWAL = Number(process.env.RPR);
/** A session of 3 minutes is renewed after one, which is one step of the fake clock. */
const LIFETIME = 3 * MINUTE;

/** Everything that a read and a renewal pass through, as the sidecar wires it. */
function assemble() {
  const edge = fakeEdge({ clock: new FakeClock() });
  const { clock } = edge;
  let renewals = 0;
  // One call in ten fails, so that outages and their failures are part of what must not pile up.
  const upstream = upstreamOf((call) => {
    if (call % 10 === 0) throw new UpstreamFailure("unavailable", "simulated");
    renewals += 1;
    return fakeCredentials(clock.now() + LIFETIME);
  });
  const observers: Partial<Observer>[] = [createLog("info", { write: () => {} }, clock.now)];
  const observer = fanOut(observers);
  const storms = new StormWatch((storm) => observer.onStorm(storm));
  const margin = MINUTE;
  const keeper = new Keeper({ identity: "default", upstream, floor: 25 * MINUTE, margin, edge, events: observer });
  const metrics = createMetrics({
    now: clock.now,
    margin,
    identities: () => new Map([["default", keeper.state]]),
    storming: (now) => storms.storming(now),
    nodeVersion: "v0.0.0",
    residentMemory: () => 0,
  });
  observers.push(metrics, storms);
  const sessions = new SessionTokens(edge);
  const handle = credentialListener({
    keepers: new Map([["default", keeper]]),
    reads: new Reads({ policy: { margin, padding: true }, client: undefined, now: clock.now, observer }),
    hosts: new AllowedHosts([{ host: "127.0.0.1", port: 9911 }]),
    tokens: new Tokens({ token: undefined, path: undefined }, clock, () => {}),
    sessions,
    imds: "v2",
    imdsFacts: { region: "eu-west-1" },
    observer,
  });
  return { clock, keeper, metrics, handle, session: sessions.issue("21600") ?? "", renewalsSoFar: () => renewals };
}

type Sidecar = ReturnType<typeof assemble>;

const paths = [
  "/v1/credentials",
  ...declarableNames.map((name) => `/v1/for/${name}/credentials`),
  "/latest/meta-data/iam/security-credentials/",
  "/latest/meta-data/iam/security-credentials/default",
  "/latest/meta-data/iam/info",
];

/** One request as Node hands it over; every caller-chosen part is different each time. Returns the status. */
function request({ handle, session }: Sidecar, count: number): number {
  let status = 0;
  const path = count % 50 === 0 ? `/v1/for/nobody-${count}/credentials` : paths[count % paths.length];
  const rawHeaders = [
    ...["Host", `127.0.0.1:${count % 65_536}`],
    ...["User-Agent", `${count % 3 === 0 ? "aws-sdk-java/1.12." : "agent-"}${count} ${"x".repeat(200)}`],
    ...["x-aws-ec2-metadata-token", count % 70 === 0 ? `forged-${count}` : session],
    ...(count % 90 === 0 ? ["X-Forwarded-For", `10.0.${count}`] : []),
  ];
  const response = { writeHead: (given: number) => void (status = given), end: () => {} };
  const message = { url: path, method: "GET", rawHeaders };
  handle(message as unknown as IncomingMessage, response as unknown as ServerResponse);
  return status;
}

async function live(sidecar: Sidecar, renewals: number, reads: { count: number; served: number }): Promise<void> {
  for (let renewal = 0; renewal < renewals; renewal += 1) {
    await sidecar.clock.advance(0); if (renewal===0) await sidecar.clock.advance(MINUTE);
    for (let read = 0; read < READS_PER_RENEWAL; read += 1) {
      reads.count += 1;
      if (request(sidecar, reads.count) === 200) reads.served += 1;
    }
  }
  await sidecar.metrics.render();
}

await (async () => {
  const sidecar = assemble();
  const reads = { count: 0, served: 0 };
  sidecar.keeper.start();
  await live(sidecar, RENEWALS / 10, reads);
  const before = await bytesInUse();
  const renewalsBefore = sidecar.renewalsSoFar();
  const t0=performance.now();
  for (let i=0;i<10;i++){ await live(sidecar, RENEWALS/10, reads); console.log(i, await bytesInUse()-before, performance.now()-t0, reads, sidecar.renewalsSoFar()); }
  sidecar.keeper.stop();
})();
