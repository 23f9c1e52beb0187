import assert from "node:assert/strict";
import { test } from "node:test";
import { findClient, type Protocol } from "../../src/policy/clients.ts";
import type { IdentifiedClient } from "../../src/policy/identified-client.ts";
import { stormRemedy } from "../../src/telemetry/storm-remedy.ts";
import { SECOND } from "../../src/time.ts";

/** Whose requests say no more than a family's name. */
const stranger = (name: string): IdentifiedClient => ({ name, windows: undefined, advisorySeconds: undefined });
/** Counted under its name, but told the honest expiration. */
const likely = (name: string, protocol: Protocol = "container"): IdentifiedClient => ({
  name,
  windows: undefined,
  advisorySeconds: findClient(name)?.[protocol].advisorySeconds,
});
const named = (name: string): IdentifiedClient => {
  const { container } = findClient(name) ?? assert.fail(name);
  return { name, windows: container, advisorySeconds: container.advisorySeconds };
};

interface Row {
  readonly what: string;
  readonly client: IdentifiedClient;
  readonly reported: number;
  readonly protocol?: Protocol;
  readonly padding?: boolean;
  readonly text: RegExp;
  readonly line?: string;
}

const LONGER = /^let upstream issue longer sessions/;
const ANYBODY = /^name the client with SIDECAR_CLIENT or in the URI .*, or let upstream/;

const rows: readonly Row[] = [
  {
    what: "to name botocore, which most Python programs are",
    client: stranger("python-urllib3"),
    reported: 840,
    text: /most likely botocore-1.*SIDECAR_CLIENT=botocore-1.*\/v1\/for\/botocore-1\/credentials.*longer sessions/,
    line: "SIDECAR_CLIENT=botocore-1",
  },
  {
    what: "to name aiobotocore's windows",
    client: stranger("aiohttp"),
    reported: 840,
    text: /most likely botocore-1/,
    line: "SIDECAR_CLIENT=botocore-1",
  },
  { what: "to name Ruby", client: stranger("ruby-net-http"), reported: 290, text: /ruby/, line: "SIDECAR_CLIENT=ruby" },
  {
    what: "no name for Ruby where it would not storm",
    client: stranger("ruby-net-http"),
    reported: 840,
    text: ANYBODY,
  },
  { what: "to name Go v1", client: likely("go-v1"), reported: 290, text: /\(go-v1\)/, line: "SIDECAR_CLIENT=go-v1" },
  { what: "longer sessions for JavaScript v3", client: stranger("no-agent-no-accept"), reported: 290, text: LONGER },
  {
    what: "longer sessions for what IMDS cannot calm",
    client: likely("java-v1", "imds"),
    protocol: "imds",
    reported: 840,
    text: LONGER,
  },
  { what: "to name whoever it is, when nobody knows", client: stranger("other"), reported: 840, text: ANYBODY },
  { what: "longer sessions for Java v2, named", client: named("java-v2"), reported: 840, text: LONGER },
  { what: "longer sessions for what is padded already", client: named("botocore-1"), reported: 840, text: LONGER },
  {
    what: "the generation in use to botocore named without one",
    client: named("botocore"),
    reported: 840,
    text: /^name the client \(it is most likely botocore-1\)/,
    line: "SIDECAR_CLIENT=botocore-1",
  },
  {
    what: "padding, when that is off",
    client: named("java-v1.11"),
    reported: 840,
    padding: false,
    text: /^allow padding/,
    line: "SIDECAR_PADDING=auto",
  },
  { what: "no padding that would not help", client: named("java-v2"), reported: 800, padding: false, text: LONGER },
  {
    what: "no name where too little is left for padding",
    client: stranger("python-urllib3"),
    reported: 350,
    text: LONGER,
  },
];

for (const { what, client, reported, protocol = "container", padding = true, text, line } of rows) {
  test(`advises ${what}`, () => {
    const remedy = stormRemedy({ client, protocol, reportedLifetimeMs: reported * SECOND, padding });
    assert.match(remedy.text, text);
    assert.equal(remedy.line, line);
  });
}
