import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { probeUpstreams } from "../../../src/commands/doctor/probe.ts";
import { regionFindings } from "../../../src/commands/doctor/regions.ts";
import { systemClock } from "../../../src/edge.ts";
import type { Variables } from "../../support/environment.ts";
import { fakeEdge } from "../../support/fake-edge.ts";
import type { FakeAnswer } from "../../support/fake-http.ts";
import { nockSts, prepareSts } from "../../support/nock-sts.ts";
import { resolved } from "../../support/resolved.ts";
import { stsAnswer, stsError, stsSession } from "../../support/sts-answers.ts";

const OFF = stsError(403, "RegionDisabledException", "STS is not activated in this region");
const PRIVATE = ["10.0.0.5", "fd00::5"];
const PUBLIC = ["198.51.100.7"];

interface Given {
  readonly regions?: string;
  readonly flags?: readonly string[];
  /** By region; an answer where it says nothing. */
  readonly replies?: Readonly<Record<string, FakeAnswer>>;
  readonly env?: Variables;
  /** By region; public where it says nothing. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
}

/** What doctor finds of the regions after it has probed the upstream, and the hosts that it asked. */
async function examine(t: TestContext, given: Given) {
  const { regions = "eu-central-1,eu-north-1", replies = {}, env = {}, addresses = {} } = given;
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity", env);
  const calls = nockSts(t, ({ url, form }) => replies[regionIn(url)] ?? stsAnswer(form.Action ?? "", stsSession()));
  const variables = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? ""]));
  const all = resolved([...(given.flags ?? flags), `--sts-fallback-regions=${regions}`], variables);
  const { settings } = all;
  const edge = { ...fakeEdge(), clock: systemClock, env: process.env };
  const { reached, findings: probed } = await probeUpstreams(all, edge);
  const resolve = async (host: string) => addresses[regionIn(`https://${host}`)] ?? PUBLIC;
  const findings = await regionFindings({ settings, edge, reached, resolve });
  return { findings, probed, asked: calls.map(({ url }) => regionIn(url)) };
}

const regionIn = (url: string) => new URL(url).hostname.split(".")[1] ?? "";
const brief = ({ severity, code, facts, line }: Awaited<ReturnType<typeof regionFindings>>[number]) => [
  severity,
  code,
  facts.region,
  line,
];

test("doctor asks each fallback region once, and says that it would answer", async (t) => {
  const { findings, asked } = await examine(t, {});
  assert.deepEqual(findings.map(brief), [
    ["ok", "fallback-answers", "eu-central-1", undefined],
    ["ok", "fallback-answers", "eu-north-1", undefined],
  ]);
  assert.deepEqual(asked.toSorted(), ["eu-central-1", "eu-north-1", "eu-west-1"]);
});

test("doctor names the regions that answer in the line to write, and how to activate STS in the others", async (t) => {
  const { findings } = await examine(t, { replies: { "eu-central-1": OFF } });
  const [off, ...others] = findings;
  const line = "SIDECAR_STS_FALLBACK_REGIONS=eu-north-1";
  assert.deepEqual(off && brief(off), ["problem", "fallback-fails", "eu-central-1", line]);
  assert.match(
    off?.text ?? "",
    /^default: STS in eu-central-1 would not answer .*\(RegionDisabledException, HTTP 403\)$/,
  );
  assert.match(off?.remedy ?? "", /^STS is off in this region: activate it/);
  assert.deepEqual(others.map(brief), [["ok", "fallback-answers", "eu-north-1", undefined]]);
});

test("doctor takes the setting out where no fallback answers", async (t) => {
  const { findings } = await examine(t, { regions: "eu-central-1", replies: { "eu-central-1": OFF } });
  assert.deepEqual(
    findings.map(({ line }) => line),
    ["unset SIDECAR_STS_FALLBACK_REGIONS"],
  );
});

test("doctor asks no fallback for an identity that the first region refuses", async (t) => {
  const denied = stsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
  const { findings, asked } = await examine(t, { replies: { "eu-west-1": denied } });
  assert.deepEqual([findings, asked], [[], ["eu-west-1"]]);
});

test("doctor says which fallback answers now, while the first region does not", async (t) => {
  const { findings, probed } = await examine(t, {
    replies: { "eu-west-1": stsError(503, "ServiceUnavailable", "no") },
  });
  const [now] = probed.filter(({ code }) => code === "fallback-region");
  assert.deepEqual([now?.severity, now?.facts.region], ["advice", "eu-central-1"]);
  assert.ok(findings.every(({ severity }) => severity === "ok"));
});

test("doctor warns of a fallback whose name leads out of the private network", async (t) => {
  const { findings } = await examine(t, { addresses: { "eu-west-1": PRIVATE, "eu-north-1": PRIVATE } });
  assert.deepEqual(findings.slice(2).map(brief), [
    ["advice", "fallback-leaves-private-endpoint", "eu-central-1", undefined],
  ]);
  assert.match(
    findings.at(-1)?.text ?? "",
    /^sts\.eu-west-1\.amazonaws\.com is a private endpoint, but sts\.eu-central-1\.amazonaws\.com is not/,
  );
});

test("doctor compares no addresses where a proxy looks the names up", async (t) => {
  const env = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "" };
  const { findings } = await examine(t, { addresses: { "eu-west-1": PRIVATE }, env });
  assert.ok(!findings.some(({ code }) => code === "fallback-leaves-private-endpoint"));
});

test("doctor says where the setting has no effect, because STS is not asked", async (t) => {
  const keys = { AWS_ACCESS_KEY_ID: "AKIAFAKE000000000000", AWS_SECRET_ACCESS_KEY: "fake-static-secret" };
  const { findings, asked } = await examine(t, { flags: ["--upstream=auto"], env: keys });
  assert.deepEqual(findings.map(brief), [
    ["advice", "fallback-unused", undefined, "unset SIDECAR_STS_FALLBACK_REGIONS"],
  ]);
  assert.deepEqual(asked, []);
});
