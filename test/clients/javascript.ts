/** What both versions of the AWS SDK for JavaScript are shown to do, each from a test file of its own. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { HOUR, SECOND } from "../../src/time.ts";
import {
  byService,
  CONTAINER,
  clientFixture,
  declared,
  IMDS,
  runClient,
  signedBy,
  type Way,
  ways,
} from "../support/sdk-client.ts";
import { fakeCredentials, GatedUpstream, upstreamOf } from "../support/upstreams.ts";

export interface JavaScriptSdk {
  /** Its name in the client table. */
  readonly name: string;
  readonly app: string;
  /** Reads of an application that makes one client of S3 and one of STS. */
  readonly reads: number;
  /** Under which name those are counted, when the path does not say. */
  readonly labels: Readonly<Record<Way["protocol"], string>>;
}

const ROUNDS = 10;

/** Shows that an application signs with what upstream issued, in few reads, whichever way it is led. */
export function showsCredentials({ name, app, reads: expected, labels }: JavaScriptSdk): void {
  for (const way of [...ways, declared(name)]) {
    test(`${name} signs every request with the credentials of ${way.name}, in ${expected === 1 ? "one read" : `${expected} reads`}`, async (t) => {
      const credentials = fakeCredentials(systemClock.now() + HOUR);
      const fixture = await clientFixture(t, way, () => upstreamOf(() => credentials));
      const { failure, signatures } = await runClient(t, app, ROUNDS, way, fixture);
      assert.equal(failure, undefined);
      assert.deepEqual(byService(signatures), signedBy(ROUNDS, credentials.accessKeyId, credentials.sessionToken));
      const label = way.name.includes(name) ? name : labels[way.protocol];
      assert.deepEqual(
        fixture.reads.map(({ client, protocol }) => [client.name, protocol]),
        Array.from({ length: expected }, () => [label, way.protocol]),
      );
    });
  }
}

/** Shows that an application which asks while upstream is on its way is kept waiting, and then served. */
export function showsPatience({ name, app, reads: expected }: JavaScriptSdk): void {
  for (const way of [CONTAINER, IMDS]) {
    test(`${name} waits for credentials on their way to ${way.name}, without an error`, async (t) => {
      const credentials = fakeCredentials(systemClock.now() + HOUR);
      const upstream = new GatedUpstream();
      let waiting = 0;
      const answerOnce = () => {
        waiting += 1;
        if (waiting === 1) upstream.answer(credentials);
      };
      const fixture = await clientFixture(t, way, () => upstream, { onWaiting: answerOnce });
      const { failure, signatures } = await runClient(t, app, 1, way, fixture);
      assert.equal(failure, undefined);
      assert.deepEqual(byService(signatures), signedBy(1, credentials.accessKeyId, credentials.sessionToken));
      assert.equal(fixture.reads.length, expected);
    });
  }
}

/**
 * Runs an application against a sidecar that has nothing for longer than its readers are kept waiting, and that is
 * loaded as soon as one of them was told 503.
 */
export async function afterA503(t: TestContext, app: string, way: Way) {
  const credentials = fakeCredentials(systemClock.now() + HOUR);
  const upstream = new GatedUpstream();
  let reported = 0;
  const fixture = await clientFixture(t, way, () => upstream, {
    onWaiting: (clock) => void clock.advance(SECOND),
    onRead: ({ reportedExpiration }) => {
      if (reportedExpiration !== undefined) return;
      reported += 1;
      if (reported === 1) upstream.answer(credentials);
    },
  });
  const { failure, signatures } = await runClient(t, app, 1, way, fixture);
  const expected = signedBy(1, credentials.accessKeyId, credentials.sessionToken);
  return { reported, failure, signatures: byService(signatures), expected };
}

/** Runs an application against a sidecar that serves static keys, which have no session token. */
export async function withStaticKeys(t: TestContext, app: string, way: Way) {
  const keys = fakeCredentials(undefined, { sessionToken: "" });
  const fixture = await clientFixture(t, way, () => upstreamOf(() => keys));
  const { failure, signatures } = await runClient(t, app, 1, way, fixture);
  return { failure, signatures: byService(signatures), expected: signedBy(1, keys.accessKeyId, undefined) };
}
