/** The audit trail: who was given which credentials, and not a word more. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { temporaryDirectory } from "../support/environment.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { get } from "../support/served.ts";
import { type Given, openSession, type ServedCredentials, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const ROLE = "arn:aws:iam::123456789012:role/orders";

type Line = Readonly<Record<string, unknown>>;

/** A sidecar with an audit trail, and what the trail says. */
async function serveAudited(t: TestContext, { flags = [], ...given }: Given = {}) {
  const served = await serveCredentials(t, { flags: ["--audit=on", ...flags], ...given });
  return { served, since: (): readonly Line[] => served.edge.out.splice(0).map((line) => JSON.parse(line)) };
}

const path = "/v1/for/botocore-1/credentials";
const times = async (count: number, act: () => Promise<unknown>) => {
  for (let time = 0; time < count; time += 1) await act();
};

test("says of a read who it was, when, and what was given and told", async (t) => {
  const credentials = { default: fakeCredentials(EPOCH + 15 * MINUTE, { roleArn: ROLE, accountId: "123456789012" }) };
  const { served, since } = await serveAudited(t, { credentials });
  await get(`${served.url}${path}`);
  assert.deepEqual(since(), [
    {
      level: "info",
      time: "2026-01-01T00:00:00.000Z",
      code: "Served",
      client: "botocore-1",
      identity: "default",
      protocol: "container",
      path,
      accessKeyId: credentials.default.accessKeyId,
      roleArn: ROLE,
      accountId: "123456789012",
      expiration: "2026-01-01T00:15:00Z",
      reportedExpiration: "2026-01-01T00:24:00Z",
      reportedLifetimeSeconds: 24 * 60,
      reads: 1,
      msg: "credentials were served",
    },
  ]);
});

test("says so of IMDS, and of keys without an end", async (t) => {
  const { served, since } = await serveAudited(t, { credentials: { default: fakeCredentials(undefined) } });
  const role = "/latest/meta-data/iam/security-credentials/default";
  const headers = { "X-aws-ec2-metadata-token": await openSession(served), "User-Agent": "aws-sdk-rust/1.3.3" };
  await get(`${served.url}${role}`, { headers });
  const [{ protocol, client, expiration, reportedLifetimeSeconds, ...line } = {}, ...more] = since();
  assert.deepEqual([protocol, client, line.path, expiration], ["imds", "rust", role, "none"]);
  assert.deepEqual([reportedLifetimeSeconds, more], [65 * 60, []]);
});

test("names the file of the token that was sent, and not the token", async (t) => {
  const tokens = join(temporaryDirectory(t), "tokens");
  mkdirSync(tokens);
  for (const name of ["default", "reports"]) writeFileSync(join(tokens, name), `fake-token-of-${name}`);
  const credentials = { default: fakeCredentials(EPOCH + HOUR), reports: fakeCredentials(EPOCH + HOUR) };
  const { served, since } = await serveAudited(t, { credentials, flags: [`--auth-token-file=${tokens}`] });
  await get(`${served.url}/v1/credentials/reports`, { headers: { Authorization: "fake-token-of-reports" } });
  const [{ identity, token, ...line } = {}, ...more] = since();
  assert.deepEqual([identity, token, more], ["reports", "reports", []]);
  assert.ok(!JSON.stringify(line).includes("fake-token-of"));
});

test("holds no secret", async (t) => {
  const { served, since } = await serveAudited(t, { flags: ["--auth-token=fake-auth-token"] });
  await get(`${served.url}${path}`, { headers: { Authorization: "fake-auth-token" } });
  const text = JSON.stringify(since());
  const { accessKeyId, secretAccessKey, sessionToken } = credentialsOf(served);
  assert.ok(text.includes(accessKeyId), "a read was served");
  for (const secret of [secretAccessKey, sessionToken, "fake-auth-token"]) assert.ok(!text.includes(secret));
});

function credentialsOf({ credentials }: ServedCredentials) {
  return credentials.default ?? assert.fail("no default identity");
}

test("says nothing of what got no credentials", async (t) => {
  const { served, since } = await serveAudited(t, { flags: ["--imds=v1"] });
  await get(`${served.url}${path}`, { headers: { Origin: "null" } });
  await get(`${served.url}/v1/credentials/nobody`);
  await get(`${served.url}/latest/meta-data/iam/security-credentials/`);
  await get(`${served.url}/latest/meta-data/iam/security-credentials/another-role`);
  assert.deepEqual(since(), []);
});

test("is silent unless it is asked for", async (t) => {
  const served = await serveCredentials(t);
  await times(3, () => get(`${served.url}${path}`));
  await served.edge.clock.advance(MINUTE);
  assert.deepEqual(served.edge.out, []);
});

test("speaks whatever the log's level is", async (t) => {
  const { served, since } = await serveAudited(t, { flags: ["--log-level=error"] });
  await get(`${served.url}${path}`);
  assert.deepEqual(
    since().map(({ code }) => code),
    ["Served"],
  );
});

test("counts every read of a storm in two lines a second for each reader", async (t) => {
  const { served, since } = await serveAudited(t);
  const clients = [path, "/v1/credentials"];
  const storm = () => times(50, () => Promise.all(clients.map((client) => get(`${served.url}${client}`))));
  const reported = () => since().map((line) => [line.path, line.reads]);
  await storm();
  assert.deepEqual(reported().sort(), clients.map((client) => [client, 1]).sort());
  await served.edge.clock.advance(SECOND);
  assert.deepEqual(reported().sort(), clients.map((client) => [client, 49]).sort());
  await served.edge.clock.advance(SECOND);
  assert.deepEqual(reported(), [], "what was told is not told again");
  await get(`${served.url}${path}`);
  assert.deepEqual(reported(), [[path, 1]]);
});

test("tells what it has counted when the sidecar stops", async (t) => {
  const { served, since } = await serveAudited(t);
  await times(3, () => get(`${served.url}${path}`));
  await served.close();
  assert.deepEqual(
    since().map(({ reads }) => reads),
    [1, 2],
  );
});
