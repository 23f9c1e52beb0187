import assert from "node:assert/strict";
import type { CachedCredentials, ClockReading } from "../../src/cache/cached-credentials.ts";
import type { Credentials } from "../../src/credentials.ts";
import type { Answer } from "../../src/http/documents.ts";
import type { Read } from "../../src/http/reads.ts";
import type { Client, Protocol } from "../../src/policy/clients.ts";
import { floorToSecond, MINUTE, SECOND } from "../../src/time.ts";
import { createCache, cycling, readOf } from "./credential-cache.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import { reportedBy } from "./modelled-client.ts";
import { fakeCredentials } from "./upstreams.ts";
import { WatchedUpstream } from "./watched-upstream.ts";

const MARGIN_MS = MINUTE;
/** The longest that a read may wait. */
const PATIENCE_MS = 4 * SECOND;

export type Command =
  | { readonly kind: "read"; readonly client: Client | undefined; readonly protocol: Protocol }
  | { readonly kind: "advance"; readonly ms: number }
  /** Time passes until the next call is due. */
  | { readonly kind: "await-next-try" }
  /** Time passes until no more than `left` of the honest lifetime is left. */
  | { readonly kind: "wear"; readonly left: number }
  /** The oldest call that was not answered yet gets its answer, even when its time is long over. */
  | { readonly kind: "answer"; readonly lifetime: number; readonly repeated: boolean }
  | { readonly kind: "fail"; readonly error: unknown }
  | { readonly kind: "jump"; readonly ms: number }
  | { readonly kind: "force" };

/** Cached credentials as upstream gave them, and when the call began that gave them. */
interface Seen {
  readonly credentials: Credentials;
  readonly generation: number;
  readonly since: ClockReading;
}

/** The credential cache, its reads, and what was seen of them so far: fails at the first thing that must never happen. */
export class WatchedCache {
  readonly clock = new FakeClock();
  readonly upstream = new WatchedUpstream(this.clock);
  readonly #fixture;
  readonly #secretsOf = new Map<number, string>();
  readonly #bytesOf = new Map<string, string>();
  readonly #issued = new Map<string, Credentials>();
  #last: Seen | undefined;
  /** The last attempt that ended: whether it was made for a forced refresh, and when its call began. */
  #ended: { readonly isForced: boolean; readonly since: ClockReading } | undefined;
  /** Reads that wait for an answer, and what was wrong with answers that came late. */
  #waiting = 0;
  readonly #faults: unknown[] = [];

  constructor(random: readonly number[]) {
    this.#fixture = createCache({
      clock: this.clock,
      upstream: this.upstream,
      random: cycling(random),
      marginMs: MARGIN_MS,
      onAttempt: ({ isForced }) => {
        this.#ended = { isForced, since: this.upstream.latest };
      },
    });
    this.#fixture.cache.start();
  }

  async run(command: Command): Promise<void> {
    const { upstream, clock } = this;
    switch (command.kind) {
      case "read":
        this.#read(command.client, command.protocol);
        break;
      case "advance":
        await clock.advance(command.ms);
        break;
      case "await-next-try":
        await clock.advance(Math.max(0, (this.#fixture.cache.state.nextRefreshAt ?? 0) - clock.now()));
        break;
      case "wear":
        await clock.advance(Math.max(0, this.#honestEnd() - clock.now() - command.left));
        break;
      case "jump":
        clock.jump(command.ms);
        break;
      case "force":
        this.#fixture.cache.refreshNow("request");
        break;
      case "answer":
        upstream.settleOldest(() => upstream.answer(this.#credentials(command)));
        break;
      case "fail":
        upstream.settleOldest(() => upstream.fail(command.error));
    }
    await settle();
    this.#look();
    assert.deepEqual(this.#faults, []);
    assert.equal(upstream.overlapped, false, "a second flight began while one was in flight");
  }

  /** Every read has its answer, at the latest when the longest wait is over. */
  async end(): Promise<void> {
    await this.clock.advance(PATIENCE_MS);
    assert.equal(this.#waiting, 0, "a read was forgotten");
    assert.deepEqual(this.#faults, []);
    this.#fixture.cache.stop();
  }

  #credentials({ lifetime, repeated }: Extract<Command, { kind: "answer" }>) {
    if (repeated && this.#last !== undefined) return this.#last.credentials;
    const credentials = fakeCredentials(this.clock.now() + lifetime);
    this.#issued.set(credentials.accessKeyId, credentials);
    return credentials;
  }

  #read(client: Client | undefined, protocol: Protocol): void {
    const { cache, reads } = this.#fixture;
    const read = readOf(cache, protocol, client);
    const answer = reads.now(read);
    assert.equal(answer !== undefined, this.#isGood(), "a read waits just when there is nothing to serve");
    if (answer !== undefined) this.#check(answer, client, protocol);
    else void this.#wait(read);
  }

  async #wait(read: Read): Promise<void> {
    this.#waiting += 1;
    try {
      this.#check(await this.#fixture.reads.soon(read), read.client, read.protocol);
    } catch (fault) {
      this.#faults.push(fault);
    } finally {
      this.#waiting -= 1;
    }
  }

  /**
   * No answer outlives the policy, and answers of one generation that report the same are the same bytes, to all clients
   * that look for the access key ID in the same field.
   */
  #check(answer: Answer, client: Client | undefined, protocol: Protocol): void {
    const { cached } = this.#fixture.cache.state;
    const reported = reportedBy(answer);
    if (reported === undefined) {
      assert.equal(answer.status, 503);
      return;
    }
    this.#note(cached);
    assert.equal(reported.accessKeyId, cached?.credentials.accessKeyId);
    const honest = this.#honestEnd();
    assert.ok(honest > this.clock.now(), "nothing past its honest expiration is served");
    assert.ok(
      reported.reportedExpiration <= honest + (client?.[protocol].mandatorySeconds ?? 0) * SECOND,
      "reported too late",
    );
    const key = `${cached?.generation} ${protocol} ${reported.reportedExpiration} ${client?.accessKeyIdField}`;
    const bytes = answer.body.toString();
    assert.equal(bytes, this.#bytesOf.get(key) ?? bytes);
    this.#bytesOf.set(key, bytes);
  }

  /** The cached credentials only ever get better, and stay as long as they are good. */
  #look(): void {
    const { cache } = this.#fixture;
    const { cached } = cache.state;
    assert.ok(this.#last === undefined || cached !== undefined, "what was cached is gone");
    this.#note(cached);
    assert.equal(cache.current()?.generation, this.#isGood() ? cached?.generation : undefined);
    if (cached === undefined) return;
    const { accessKeyId, secretAccessKey, sessionToken } = cached.credentials;
    const secrets = JSON.stringify([accessKeyId, secretAccessKey, sessionToken]);
    assert.equal(secrets, this.#secretsOf.get(cached.generation) ?? secrets, "one generation has two sets of secrets");
    this.#secretsOf.set(cached.generation, secrets);
  }

  /** Takes note of a swap, which happens in the moment of an answer. */
  #note(cached: CachedCredentials | undefined): void {
    const before = this.#last;
    if (cached === undefined || cached.generation === before?.generation) return;
    const wasGood = this.#isGood();
    const credentials = this.#issued.get(cached.credentials.accessKeyId) ?? assert.fail("nobody issued these");
    assert.ok(cached.generation > (before?.generation ?? 0));
    const isShorter = before !== undefined && expirationOf(credentials) < expirationOf(before.credentials);
    assert.ok(!isShorter || !wasGood || this.#ended?.isForced, "shorter credentials replaced longer ones");
    this.#last = { credentials, generation: cached.generation, since: this.#ended?.since ?? this.upstream.latest };
  }

  /** By the wall clock, which may have been set back since: a session is as old as the monotonic clock says. */
  #honestEnd(): number {
    if (this.#last === undefined) return 0;
    const { credentials, since } = this.#last;
    const passedMs = this.clock.now() - since.wall;
    const byMs = this.clock.monotonicMs() - since.monotonicMs - passedMs;
    return floorToSecond(expirationOf(credentials) - (byMs >= SECOND ? byMs : 0) - MARGIN_MS);
  }

  #isGood(): boolean {
    return this.#honestEnd() > this.clock.now();
  }
}

function expirationOf({ lifetime }: Credentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}
