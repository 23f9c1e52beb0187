import assert from "node:assert/strict";
import type { CachedCredentials } from "../../src/cache/outcome.ts";
import type { Answer } from "../../src/http/documents.ts";
import type { Read } from "../../src/http/reads.ts";
import type { Client, Protocol } from "../../src/policy/clients.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { createCache, cycling, readOf } from "./credential-cache.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import { reportedBy } from "./modelled-client.ts";
import { fakeCredentials, GatedUpstream } from "./upstreams.ts";

const MARGIN_MS = MINUTE;
/** The longest that a read may wait. */
const PATIENCE_MS = 800;

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
  | { readonly kind: "jump"; readonly ms: number };

/** A gated upstream that knows which of its calls the credential cache must have given up. */
class WatchedUpstream extends GatedUpstream {
  readonly #elapsed: () => number;
  readonly #begun: number[] = [];
  /** Whether a call was made while another had time left. The credential cache would take a throw here for upstream's. */
  overlapped = false;

  constructor(elapsed: () => number) {
    super();
    this.#elapsed = elapsed;
  }

  override fetch() {
    this.overlapped ||= this.#begun.some((begunAt) => this.#elapsed() - begunAt < this.timeoutMs);
    this.#begun.push(this.#elapsed());
    return super.fetch();
  }

  /** Settles the oldest call, if there is one. */
  settleOldest(how: () => void): void {
    if (this.#begun.shift() !== undefined) how();
  }
}

/** The credential cache, its reads, and what was seen of them so far: fails at the first thing that must never happen. */
export class WatchedCache {
  readonly clock = new FakeClock();
  #jumped = 0;
  readonly #startedAt = this.clock.now();
  readonly upstream = new WatchedUpstream(() => this.clock.now() - this.#startedAt - this.#jumped);
  readonly #fixture;
  readonly #secretsOf = new Map<number, string>();
  readonly #bytesOf = new Map<string, string>();
  #last: CachedCredentials | undefined;
  /** Reads that wait for an answer, and what was wrong with answers that came late. */
  #waiting = 0;
  readonly #faults: unknown[] = [];

  constructor(random: readonly number[]) {
    this.#fixture = createCache({
      clock: this.clock,
      upstream: this.upstream,
      random: cycling(random),
      marginMs: MARGIN_MS,
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
        this.#jumped += command.ms;
        clock.jump(command.ms);
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
    assert.equal(upstream.overlapped, false, "a second flight began while one was in the air");
  }

  /** Every reader has its answer, at the latest when the longest wait is over. */
  async end(): Promise<void> {
    await this.clock.advance(PATIENCE_MS);
    assert.equal(this.#waiting, 0, "a reader was forgotten");
    assert.deepEqual(this.#faults, []);
    this.#fixture.cache.stop();
  }

  #credentials({ lifetime, repeated }: Extract<Command, { kind: "answer" }>) {
    if (repeated && this.#last !== undefined) return this.#last.credentials;
    return fakeCredentials(this.clock.now() + lifetime);
  }

  #read(client: Client | undefined, protocol: Protocol): void {
    const { cache, reads } = this.#fixture;
    const read = readOf(cache, protocol, client);
    const answer = reads.now(read);
    assert.equal(answer !== undefined, this.#isGood(this.#last), "a read waits just when there is nothing to serve");
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
    assert.ok(cached?.credentials.lifetime.kind === "until");
    assert.equal(reported.accessKeyId, cached.credentials.accessKeyId);
    const honest = cached.credentials.lifetime.expiration - MARGIN_MS;
    assert.ok(honest > this.clock.now(), "nothing past its honest expiration is served");
    assert.ok(
      reported.reportedExpiration <= honest + (client?.[protocol].mandatorySeconds ?? 0) * SECOND,
      "reported too late",
    );
    const key = `${cached.generation} ${protocol} ${reported.reportedExpiration} ${client?.accessKeyIdField}`;
    const bytes = answer.body.toString();
    assert.equal(bytes, this.#bytesOf.get(key) ?? bytes);
    this.#bytesOf.set(key, bytes);
  }

  /** What is held only ever gets better, and stays as long as it is good. */
  #look(): void {
    const { cache } = this.#fixture;
    const { cached } = cache.state;
    const before = this.#last;
    assert.ok(before === undefined || cached !== undefined, "what was held is gone");
    if (cached === undefined) return;
    assert.equal(cache.current(), this.#isGood(cached) ? cached : undefined);
    if (before !== undefined && cached !== before) {
      assert.equal(cached.generation > before.generation, true);
      assert.ok(expirationOf(cached) >= expirationOf(before), "shorter credentials replaced longer ones");
    }
    const secrets = JSON.stringify(cached.credentials);
    assert.equal(secrets, this.#secretsOf.get(cached.generation) ?? secrets, "one generation has two sets of secrets");
    this.#secretsOf.set(cached.generation, secrets);
    this.#last = cached;
  }

  #honestEnd(): number {
    return this.#last === undefined ? 0 : expirationOf(this.#last) - MARGIN_MS;
  }

  #isGood(cached: CachedCredentials | undefined): boolean {
    return cached !== undefined && Math.floor((expirationOf(cached) - MARGIN_MS) / SECOND) * SECOND > this.clock.now();
  }
}

function expirationOf({ credentials: { lifetime } }: CachedCredentials): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}
