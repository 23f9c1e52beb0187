import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { attempt } from "../../src/cache/attempt.ts";
import { clockOfToday, defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { nockSts, prepareSts, stsActions } from "../support/nock-sts.ts";
import { ROLE, stsAnswer, stsSession } from "../support/sts-answers.ts";

const VERSION = "2011-06-15";
const POLICY = '{"Version":"2012-10-17","Statement":[]}';
const POLICY_ARN = "arn:aws:iam::aws:policy/ReadOnlyAccess";
const OWN_POLICY_ARN = "arn:aws:iam::123456789012:policy/own";

for (const action of stsActions) {
  test(`${action} gives the session with its real expiration, its role and its account, in one call`, async (t) => {
    const { flags } = prepareSts(t, action);
    const session = stsSession({ expiration: "2099-01-01T00:00:00Z" });
    const calls = nockSts(t, () => stsAnswer(action, session));
    assert.deepEqual(await fetchOnce(defaultUpstream(flags)), {
      accessKeyId: session.accessKeyId,
      secretAccessKey: session.secretAccessKey,
      sessionToken: session.sessionToken,
      lifetime: { kind: "until", expiration: Date.UTC(2099, 0, 1) },
      accountId: "123456789012",
      roleArn: ROLE,
      sts: { region: "eu-west-1", home: "eu-west-1" },
    });
    assert.equal(calls.length, 1);
  });

  for (const [written, expiration] of [
    ["2099-01-01T00:00:00.250Z", Date.UTC(2099, 0, 1) + 250],
    ["2099-01-01T02:00:00+02:00", Date.UTC(2099, 0, 1)],
  ] as const) {
    test(`${action} is understood when its Expiration is ${written}`, async (t) => {
      const { flags } = prepareSts(t, action);
      nockSts(t, () => stsAnswer(action, stsSession({ expiration: written })));
      const { lifetime } = await fetchOnce(defaultUpstream(flags));
      assert.deepEqual(lifetime, { kind: "until", expiration });
    });
  }

  test(`${action} that never answers ends after the upstream's time, as a time-out`, async (t) => {
    const { flags } = prepareSts(t, action);
    const asked = Promise.withResolvers<void>();
    const late = Promise.withResolvers<ReturnType<typeof stsAnswer>>();
    nockSts(t, () => {
      asked.resolve();
      return late.promise;
    });
    const clock = clockOfToday();
    const upstream = defaultUpstream(flags);
    const failed = assert.rejects(attempt(upstream, clock), { kind: "timeout" });
    await asked.promise;
    await clock.advance(upstream.timeoutMs);
    await failed;
    late.resolve(stsAnswer(action, stsSession()));
  });
}

test("AssumeRole is sent every parameter that the settings have", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  const calls = nockSts(t, () => stsAnswer("AssumeRole", stsSession()));
  const upstream = defaultUpstream([
    ...flags,
    "--duration=2h",
    "--role-session-name=the-session",
    "--external-id=the:external/id",
    "--source-identity=the-person",
    "--session-tags=team=payments, service=api",
    `--session-policy=${POLICY}`,
    `--session-policy-arns=${POLICY_ARN},${OWN_POLICY_ARN}`,
  ]);
  await fetchOnce(upstream);
  assert.deepEqual(calls[0]?.form, {
    Action: "AssumeRole",
    Version: VERSION,
    RoleArn: ROLE,
    RoleSessionName: "the-session",
    DurationSeconds: "7200",
    ExternalId: "the:external/id",
    SourceIdentity: "the-person",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "payments",
    "Tags.member.2.Key": "service",
    "Tags.member.2.Value": "api",
    Policy: POLICY,
    "PolicyArns.member.1.arn": POLICY_ARN,
    "PolicyArns.member.2.arn": OWN_POLICY_ARN,
  });
});

test("AssumeRole without further settings is sent an hour, the role and the host's name, and nothing else", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole");
  const calls = nockSts(t, () => stsAnswer("AssumeRole", stsSession()));
  await fetchOnce(defaultUpstream(flags, { hostname: "api-7d9f:0" }));
  assert.deepEqual(calls[0]?.form, {
    Action: "AssumeRole",
    Version: VERSION,
    RoleArn: ROLE,
    RoleSessionName: "api-7d9f-0",
    DurationSeconds: "3600",
  });
});

test("AssumeRoleWithWebIdentity is sent every parameter that it takes, unsigned", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const calls = nockSts(t, () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  const upstream = defaultUpstream([
    ...flags,
    "--duration=15m",
    "--role-session-name=the-session",
    `--session-policy=${POLICY}`,
    `--session-policy-arns=${POLICY_ARN}`,
  ]);
  await fetchOnce(upstream);
  assert.deepEqual(calls[0]?.form, {
    Action: "AssumeRoleWithWebIdentity",
    Version: VERSION,
    RoleArn: ROLE,
    RoleSessionName: "the-session",
    DurationSeconds: "900",
    WebIdentityToken: "fake-web-identity-1",
    Policy: POLICY,
    "PolicyArns.member.1.arn": POLICY_ARN,
  });
  assert.equal(calls[0]?.headers.get("authorization"), null);
});

test("web-identity assumes the role of SIDECAR_ROLE_ARN rather than that of AWS_ROLE_ARN", async (t) => {
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const calls = nockSts(t, () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  const other = "arn:aws:iam::210987654321:role/other";
  const { roleArn } = await fetchOnce(defaultUpstream([...flags, `--role-arn=${other}`]));
  assert.deepEqual([roleArn, calls.map(({ form }) => form.RoleArn)], [other, [other]]);
});

test("the web identity token is read again at each refresh", async (t) => {
  const { flags, tokenFile } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const calls = nockSts(t, () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  const upstream = defaultUpstream(flags);
  await fetchOnce(upstream);
  writeFileSync(tokenFile, "fake-web-identity-2");
  await fetchOnce(upstream);
  assert.deepEqual(
    calls.map(({ form }) => form.WebIdentityToken),
    ["fake-web-identity-1", "fake-web-identity-2"],
  );
});

test("a web identity token file that is not there is said, without a call", async (t) => {
  const { flags, tokenFile } = prepareSts(t, "AssumeRoleWithWebIdentity");
  const calls = nockSts(t, () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  rmSync(tokenFile);
  const { kind, upstreamCode } = await failureOf(defaultUpstream(flags));
  assert.deepEqual([kind, upstreamCode, calls.length], ["not-configured", "ENOENT", 0]);
});
