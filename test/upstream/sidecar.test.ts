/** Another sidecar as upstream: two real ones, one behind the other. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import { formatTime, HOUR, SECOND } from "../../src/time.ts";
import { useEnvironment, type Variables } from "../support/environment.ts";
import type { FakeClock } from "../support/fake-clock.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { clockOfToday, defaultUpstream, failsAndKeeps, failureOf } from "../support/identities.ts";
import { get, type Served, serveForTest } from "../support/served.ts";
import { fakeCredentials, GatedUpstream, upstreamOf } from "../support/upstreams.ts";

interface Fixture {
  readonly clock: FakeClock;
  readonly first: Served;
}

/** The sidecar next to AWS; closed when the test ends. */
async function firstSidecar(
  t: TestContext,
  issue: (now: number) => Credentials,
  flags: readonly string[] = [],
): Promise<Fixture> {
  const clock = clockOfToday();
  const upstream = upstreamOf(() => issue(clock.now()));
  const first = await serveForTest({ edge: fakeEdge({ clock }), upstreams: { default: upstream }, flags });
  t.after(() => first.close());
  return { clock, first };
}

const overContainer = ({ first }: Fixture) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${first.url}/v1/credentials` });
const overImds = ({ first }: Fixture) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: first.url });

/** What the sidecar behind it serves. */
async function servedBehind(t: TestContext, { clock }: Fixture, kind: string, env: Variables) {
  useEnvironment(t, env);
  const upstreams = { default: defaultUpstream([`--upstream=${kind}`]) };
  const second = await serveForTest({ edge: fakeEdge({ clock }), upstreams });
  t.after(() => second.close());
  const { status, text } = await get(`${second.url}/v1/credentials`, { agent: false });
  assert.equal(status, 200);
  return JSON.parse(text);
}

const inAnHour = (now: number) => Math.floor((now + HOUR) / SECOND) * SECOND;

for (const [kind, way] of [
  ["container", overContainer],
  ["imds", overImds],
] as const) {
  test(`a sidecar behind a sidecar serves the same ${kind} credentials, a margin earlier`, async (t) => {
    const fixture = await firstSidecar(t, (now) => fakeCredentials(inAnHour(now)));
    const { text } = await get(`${fixture.first.url}/v1/credentials`, { agent: false });
    const first = JSON.parse(text);
    const second = await servedBehind(t, fixture, kind, way(fixture));
    assert.deepEqual(
      [second.AccessKeyId, second.SecretAccessKey, second.Token],
      [first.AccessKeyId, first.SecretAccessKey, first.Token],
    );
    assert.equal(second.Expiration, formatTime(Date.parse(first.Expiration) - 60 * SECOND));
  });

  test(`static keys go through two sidecars over ${kind} with their empty token`, async (t) => {
    const keys = fakeCredentials(undefined, { sessionToken: "" });
    const fixture = await firstSidecar(t, () => keys);
    const second = await servedBehind(t, fixture, kind, way(fixture));
    assert.deepEqual(
      [second.AccessKeyId, second.SecretAccessKey, second.Token],
      [keys.accessKeyId, keys.secretAccessKey, ""],
    );
  });

  test(`a sidecar keeps what it holds when the sidecar before it over ${kind} is gone`, async (t) => {
    const fixture = await firstSidecar(t, (now) => fakeCredentials(inAnHour(now)));
    useEnvironment(t, way(fixture));
    const upstream = defaultUpstream([`--upstream=${kind}`]);
    const closed = Promise.withResolvers<void>();
    const failure = await failsAndKeeps(upstream, () => void fixture.first.close().then(closed.resolve));
    await closed.promise;
    assert.equal(failure.kind, "unreachable");
  });
}

test("the token that the sidecar before it demands is sent", async (t) => {
  const fixture = await firstSidecar(t, (now) => fakeCredentials(inAnHour(now)), ["--auth-token=fake-token"]);
  const token = { AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-token" };
  const { AccessKeyId } = await servedBehind(t, fixture, "container", { ...overContainer(fixture), ...token });
  assert.match(AccessKeyId, /^ASIAFAKE/);
});

for (const [name, env] of [
  ["no", {}],
  ["a wrong", { AWS_CONTAINER_AUTHORIZATION_TOKEN: "fake-other" }],
] as const) {
  test(`${name} token for the sidecar before it is denied`, async (t) => {
    const fixture = await firstSidecar(t, (now) => fakeCredentials(inAnHour(now)), ["--auth-token=fake-token"]);
    useEnvironment(t, { ...overContainer(fixture), ...env });
    const { kind } = await failureOf(defaultUpstream(["--upstream=container"]));
    assert.equal(kind, "denied");
  });
}

test("a sidecar that has nothing yet makes the one behind it try again, not give up", async (t) => {
  const clock = clockOfToday();
  const waiting = Promise.withResolvers<unknown>();
  const first = await serveForTest({
    edge: fakeEdge({ clock }),
    upstreams: { default: new GatedUpstream() },
    observers: [{ onCoalesced: waiting.resolve }],
  });
  t.after(() => first.close());
  useEnvironment(t, overContainer({ clock, first }));
  const failed = failureOf(defaultUpstream(["--upstream=container"]));
  await waiting.promise;
  await clock.advance(SECOND);
  assert.equal((await failed).kind, "unavailable");
});
