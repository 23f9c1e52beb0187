import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { attempt } from "../../src/cache/attempt.ts";
import { SECOND } from "../../src/time.ts";
import type { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { type Variables, writeShared } from "../support/environment.ts";
import type { FakeAnswer } from "../support/fake-http.ts";
import { clockOfToday, defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { nockSts, prepareSts, type StsAction, type StsReply, stsActions } from "../support/nock-sts.ts";
import { ROLE, stsAnswer, stsError, stsSession } from "../support/sts-answers.ts";
import { networkError } from "../support/thrown.ts";

const HOME = "eu-west-1";
const FALLBACK = "eu-central-1";
const SETTING = `--sts-fallback-regions=${FALLBACK}`;

interface Scene {
  readonly upstream: Upstream;
  /** The regions that were asked so far, in order. */
  readonly asked: () => readonly string[];
  readonly forms: () => readonly Readonly<Record<string, string>>[];
}

/** An upstream with one fallback; what each region does, by its name in the host. */
function sceneOf(
  t: TestContext,
  action: StsAction,
  replyOf: (region: string, number: number) => StsReply | "answers",
  { env = {}, flags = [SETTING] }: { readonly env?: Variables; readonly flags?: readonly string[] } = {},
): Scene {
  const prepared = prepareSts(t, action, env);
  const calls = nockSts(t, (call, number) => {
    const reply = replyOf(regionOf(call.url), number);
    return reply === "answers" ? stsAnswer(call.form.Action ?? "", stsSession()) : reply;
  });
  return {
    upstream: defaultUpstream([...prepared.flags, ...flags]),
    asked: () => calls.map(({ url }) => regionOf(url)),
    forms: () => calls.map(({ form }) => form),
  };
}

function regionOf(url: string): string {
  return /^sts(?:-fips)?\.([\w-]+-\d+)\./.exec(new URL(url).hostname)?.[1] ?? new URL(url).hostname;
}

const homeDoes = (reply: StsReply) => (region: string) => (region === HOME ? reply : "answers");
const UNAVAILABLE = stsError(503, "ServiceUnavailable", "Service is unavailable");
const THROTTLED = stsError(400, "Throttling", "Rate exceeded");

const outages: readonly (readonly [name: string, reply: () => StsReply])[] = [
  ["cannot be reached", () => networkError("ECONNREFUSED")],
  ["is not known by name", () => networkError("ENOTFOUND")],
  ["does not answer in time", () => networkError("UND_ERR_HEADERS_TIMEOUT")],
  ["is unavailable", () => UNAVAILABLE],
  ["answers 500 without a code", () => ({ status: 500, body: "" })],
  ["cannot fetch the issuer's keys", () => stsError(400, "InvalidIdentityToken", "Couldn't retrieve verification key")],
];

for (const action of stsActions) {
  for (const [name, reply] of outages) {
    test(`${action}: when the first region ${name}, the same attempt asks the fallback for the same role`, async (t) => {
      const { upstream, asked, forms } = sceneOf(t, action, homeDoes(reply()));
      const { roleArn, sts } = await fetchOnce(upstream);
      assert.deepEqual([roleArn, sts], [ROLE, { region: FALLBACK, home: HOME }]);
      assert.deepEqual(asked(), [HOME, FALLBACK]);
      assert.deepEqual(forms()[0], forms()[1]);
    });
  }

  test(`${action}: the first region that throttles is asked once more before the fallback is`, async (t) => {
    const { upstream, asked } = sceneOf(t, action, homeDoes(THROTTLED));
    assert.equal((await failureOf(upstream)).kind, "throttled");
    assert.deepEqual(asked(), [HOME]);
    await fetchOnce(upstream);
    assert.deepEqual(asked().slice(1), [HOME, FALLBACK]);
  });

  test(`${action}: each refresh asks the first region first, and stays there when it answers`, async (t) => {
    let isDown = true;
    const { upstream, asked } = sceneOf(t, action, (region) => (region === HOME && isDown ? UNAVAILABLE : "answers"));
    await fetchOnce(upstream);
    await fetchOnce(upstream);
    isDown = false;
    const { sts } = await fetchOnce(upstream);
    assert.deepEqual(asked(), [HOME, FALLBACK, HOME, FALLBACK, HOME]);
    assert.deepEqual(sts, { region: HOME, home: HOME });
  });
}

const refusals: readonly (readonly [name: string, reply: FakeAnswer])[] = [
  ["AccessDenied", stsError(403, "AccessDenied", "Not authorized to perform sts:AssumeRole")],
  ["InvalidIdentityToken", stsError(400, "InvalidIdentityToken", "Incorrect token audience")],
  ["ExpiredTokenException", stsError(400, "ExpiredTokenException", "Token expired")],
  ["ValidationError", stsError(400, "ValidationError", "fake is invalid")],
  ["MalformedPolicyDocument", stsError(400, "MalformedPolicyDocument", "Syntax errors in policy")],
  ["InvalidClientTokenId", stsError(403, "InvalidClientTokenId", "The security token is invalid")],
  ["RegionDisabledException", stsError(403, "RegionDisabledException", "STS is not activated in this region")],
  ["an answer that cannot be read", { status: 200, body: "<html>" }],
];

for (const action of stsActions) {
  for (const [name, reply] of refusals) {
    test(`${action}: ${name} of the first region never leads to another`, async (t) => {
      const { upstream, asked } = sceneOf(t, action, homeDoes(reply));
      await failureOf(upstream);
      await failureOf(upstream);
      assert.deepEqual(asked(), [HOME, HOME]);
    });
  }
}

const failsAs = ({ kind, message, remedy }: UpstreamFailure) => ({ kind, message, remedy });

test("when both regions fail, one failure names each, with the class of the first", async (t) => {
  const { upstream, asked } = sceneOf(t, "AssumeRole", (region) =>
    region === HOME ? UNAVAILABLE : networkError("ECONNREFUSED"),
  );
  const { kind, message } = failsAs(await failureOf(upstream));
  assert.equal(kind, "unavailable");
  assert.equal(
    message,
    `upstream is unavailable for now (ServiceUnavailable, HTTP 503) in ${HOME}; upstream cannot be reached (ECONNREFUSED) in ${FALLBACK}`,
  );
  assert.deepEqual(asked(), [HOME, FALLBACK]);
});

test("a fallback in which STS is off is named with its remedy, and leaves the failure a passing one", async (t) => {
  const off = stsError(403, "RegionDisabledException", "STS is not activated in this region");
  const { upstream, asked } = sceneOf(t, "AssumeRole", (region) =>
    region === HOME ? networkError("ECONNREFUSED") : off,
  );
  const { kind, message, remedy } = failsAs(await failureOf(upstream));
  assert.equal(kind, "unreachable");
  assert.match(
    message,
    new RegExp(`in ${HOME}; upstream denied the request \\(RegionDisabledException, HTTP 403\\) in ${FALLBACK}$`),
  );
  assert.match(remedy, new RegExp(`; in ${FALLBACK}: STS is off in this region: activate it`));
  await failureOf(upstream);
  assert.deepEqual(asked(), [HOME, FALLBACK, HOME], "it is left out until a region answers");
});

test("when all regions fail, each further attempt asks one of them, in turn", async (t) => {
  const { upstream, asked } = sceneOf(t, "AssumeRole", () => UNAVAILABLE);
  for (let attempts = 0; attempts < 4; attempts += 1) await failureOf(upstream);
  assert.deepEqual(asked(), [HOME, FALLBACK, HOME, FALLBACK, HOME]);
});

test("a fallback that refuses the duration is asked for a shorter session in the same attempt", async (t) => {
  const tooLong = stsError(
    400,
    "ValidationError",
    "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  );
  const { upstream, asked, forms } = sceneOf(
    t,
    "AssumeRole",
    (region, number) => (region === HOME ? UNAVAILABLE : number === 2 ? tooLong : "answers"),
    { flags: [SETTING, "--duration=2h"] },
  );
  await fetchOnce(upstream);
  assert.deepEqual(asked(), [HOME, FALLBACK, FALLBACK]);
  assert.deepEqual(
    forms().map(({ DurationSeconds }) => DurationSeconds),
    ["7200", "7200", "3600"],
  );
});

test("the further roles of a chain are asked where the first was answered", async (t) => {
  const { home, upstream, asked } = chained(t);
  assert.equal(home, HOME);
  const { sts } = await fetchOnce(upstream);
  assert.deepEqual(sts, { region: FALLBACK, home: HOME });
  assert.deepEqual(asked(), [HOME, FALLBACK, FALLBACK]);
});

function chained(t: TestContext) {
  prepareSts(t, "AssumeRole");
  const keys = "aws_access_key_id = AKIAFAKEFAKEFAKE0001\naws_secret_access_key = fake-secret\n";
  const config = `[profile app]\nrole_arn = ${ROLE}\nsource_profile = base\n[profile base]\n${keys}`;
  writeShared(process.env.HOME ?? "", { config });
  const calls = nockSts(t, ({ url, form }) =>
    regionOf(url) === HOME ? UNAVAILABLE : stsAnswer(form.Action ?? "", stsSession()),
  );
  const other = "--role-arn=arn:aws:iam::210987654321:role/other";
  const upstream = defaultUpstream(["--upstream=profile", "--profiles=app", other, SETTING]);
  return { home: HOME, upstream, asked: () => calls.map(({ url }) => regionOf(url)) };
}

const hosts: readonly (readonly [name: string, env: Variables, hosts: readonly string[]])[] = [
  [
    "FIPS",
    { AWS_REGION: "us-east-1", AWS_USE_FIPS_ENDPOINT: "true" },
    ["sts-fips.us-east-1.amazonaws.com", "sts-fips.us-east-2.amazonaws.com"],
  ],
  [
    "dual stack",
    { AWS_REGION: "us-east-1", AWS_USE_DUALSTACK_ENDPOINT: "true" },
    ["sts.us-east-1.api.aws", "sts.us-east-2.api.aws"],
  ],
  [
    "the global endpoint",
    { AWS_REGION: "us-east-1", AWS_STS_REGIONAL_ENDPOINTS: "legacy" },
    ["sts.amazonaws.com", "sts.us-east-2.amazonaws.com"],
  ],
  ["no region", { AWS_REGION: undefined }, ["sts.us-east-1.amazonaws.com", "sts.us-east-2.amazonaws.com"]],
];

for (const [name, env, expected] of hosts) {
  test(`the fallback of ${name} is asked at ${expected[1]}`, async (t) => {
    const { flags } = prepareSts(t, "AssumeRole", env);
    const asked: string[] = [];
    nockSts(t, ({ url }) => {
      asked.push(new URL(url).hostname);
      return UNAVAILABLE;
    });
    await failureOf(defaultUpstream([...flags, "--sts-fallback-regions=us-east-2"]));
    assert.deepEqual(asked, expected);
  });
}

for (const [name, profile, host] of [
  ["a private endpoint", "endpoint_url = https://sts.vpce.test\n", "sts.vpce.test"],
  ["a region of another partition", "region = cn-north-1\n", "cn-north-1"],
] as const) {
  test(`a profile with ${name} is never left for a fallback`, async (t) => {
    prepareSts(t, "AssumeRole");
    const token = `role_arn = ${ROLE}\nweb_identity_token_file = ${process.env.HOME}/token\n`;
    writeShared(process.env.HOME ?? "", { config: `[profile app]\n${profile}${token}` });
    const calls = nockSts(t, () => UNAVAILABLE);
    const upstream = defaultUpstream(["--upstream=profile", "--profiles=app", SETTING]);
    for (let attempts = 0; attempts < 2; attempts += 1) await failureOf(upstream);
    assert.deepEqual(
      calls.map(({ url }) => regionOf(url)),
      [host, host],
    );
  });
}

test("a first region that takes the whole time of an attempt is passed over by the next one", async (t) => {
  const asked = Promise.withResolvers<void>();
  const late = Promise.withResolvers<FakeAnswer>();
  const scene = sceneOf(t, "AssumeRole", (region) => {
    if (region !== HOME) return "answers";
    asked.resolve();
    return late.promise;
  });
  const clock = clockOfToday();
  assert.equal(scene.upstream.timeoutMs, 30 * SECOND);
  const failed = assert.rejects(attempt(scene.upstream, clock), { kind: "timeout" });
  await asked.promise;
  await clock.advance(scene.upstream.timeoutMs);
  await failed;
  const { sts } = await fetchOnce(scene.upstream);
  assert.deepEqual([sts?.region, scene.asked()], [FALLBACK, [HOME, FALLBACK]]);
  late.resolve(UNAVAILABLE);
});
