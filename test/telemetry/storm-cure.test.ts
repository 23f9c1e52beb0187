import assert from "node:assert/strict";
import { test } from "node:test";
import { findClient, type Protocol } from "../../src/lifetime/clients.ts";
import type { Reader } from "../../src/lifetime/thresholds.ts";
import { stormCure } from "../../src/telemetry/storm-cure.ts";

const SECOND = 1_000;

/** Whose requests say no more than a family's name. */
const stranger = (label: string): Reader => ({ label, thresholds: undefined, asks: undefined });
/** Counted under its name, but told the honest expiration. */
const likely = (label: string, protocol: Protocol = "container"): Reader => ({
  label,
  thresholds: undefined,
  asks: findClient(label)?.[protocol].asks,
});
const named = (label: string): Reader => {
  const { container } = findClient(label) ?? assert.fail(label);
  return { label, thresholds: container, asks: container.asks };
};

interface Row {
  readonly what: string;
  readonly reader: Reader;
  readonly told: number;
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
    reader: stranger("python-urllib3"),
    told: 840,
    text: /most likely botocore.*SIDECAR_CLIENT=botocore.*\/v1\/for\/botocore\/credentials.*longer sessions/,
    line: "SIDECAR_CLIENT=botocore",
  },
  {
    what: "to name aiobotocore's thresholds",
    reader: stranger("aiohttp"),
    told: 840,
    text: /most likely botocore/,
    line: "SIDECAR_CLIENT=botocore",
  },
  { what: "to name Ruby", reader: stranger("ruby-net-http"), told: 290, text: /ruby/, line: "SIDECAR_CLIENT=ruby" },
  { what: "no name for Ruby where it would not storm", reader: stranger("ruby-net-http"), told: 840, text: ANYBODY },
  { what: "to name Go v1", reader: likely("go-v1"), told: 290, text: /\(go-v1\)/, line: "SIDECAR_CLIENT=go-v1" },
  { what: "longer sessions for JavaScript v3", reader: stranger("no-agent-no-accept"), told: 290, text: LONGER },
  {
    what: "longer sessions for what IMDS cannot calm",
    reader: likely("java-v1", "imds"),
    protocol: "imds",
    told: 840,
    text: LONGER,
  },
  { what: "to name whoever it is, when nobody knows", reader: stranger("other"), told: 840, text: ANYBODY },
  { what: "longer sessions for Java v2, named", reader: named("java-v2"), told: 840, text: LONGER },
  { what: "longer sessions for what is padded already", reader: named("botocore"), told: 840, text: LONGER },
  {
    what: "padding, when that is off",
    reader: named("java-v1.11"),
    told: 840,
    padding: false,
    text: /^allow padding/,
    line: "SIDECAR_PADDING=auto",
  },
  { what: "no padding that would not help", reader: named("java-v2"), told: 800, padding: false, text: LONGER },
  { what: "no name where too little is left for padding", reader: stranger("python-urllib3"), told: 350, text: LONGER },
];

for (const { what, reader, told, protocol = "container", padding = true, text, line } of rows) {
  test(`advises ${what}`, () => {
    const cure = stormCure({ reader, protocol, reportedLifetime: told * SECOND, padding });
    assert.match(cure.text, text);
    assert.equal(cure.line, line);
  });
}
