import assert from "node:assert/strict";
import type { Held } from "../../src/keeper/outcome.ts";
import type { Client, Protocol } from "../../src/lifetime/clients.ts";
import { MINUTE, SECOND } from "../../src/lifetime/renewal.ts";
import type { Answer } from "../../src/listeners/documents.ts";
import type { Read } from "../../src/listeners/reads.ts";
import { FakeClock, settle } from "./fake-clock.ts";
import { cycling, keep, readOf } from "./kept.ts";
import { toldBy } from "./modelled-client.ts";
import { fakeCredentials, GatedUpstream } from "./upstreams.ts";

const MARGIN = MINUTE;
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

/** A gated upstream that knows which of its calls the keeper must have given up. */
class WatchedUpstream extends GatedUpstream {
  readonly #elapsed: () => number;
  readonly #begun: number[] = [];
  /** Whether a call was made while another had time left. The keeper would take a throw here for upstream's. */
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

/** The keeper, its reads, and what was seen of them so far: fails at the first thing that must never happen. */
export class WatchedKeeper {
  readonly clock = new FakeClock();
  #jumped = 0;
  readonly #startedAt = this.clock.now();
  readonly upstream = new WatchedUpstream(() => this.clock.now() - this.#startedAt - this.#jumped);
  readonly #kept;
  readonly #secretsOf = new Map<number, string>();
  readonly #bytesOf = new Map<string, string>();
  #last: Held | undefined;
  /** Reads that wait for an answer, and what was wrong with answers that came late. */
  #waiting = 0;
  readonly #faults: unknown[] = [];

  constructor(random: readonly number[]) {
    this.#kept = keep({ clock: this.clock, upstream: this.upstream, random: cycling(random), margin: MARGIN });
    this.#kept.keeper.start();
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
        await clock.advance(Math.max(0, (this.#kept.keeper.state.nextTryAt ?? 0) - clock.now()));
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
    this.#kept.keeper.stop();
  }

  #credentials({ lifetime, repeated }: Extract<Command, { kind: "answer" }>) {
    if (repeated && this.#last !== undefined) return this.#last.credentials;
    return fakeCredentials(this.clock.now() + lifetime);
  }

  #read(client: Client | undefined, protocol: Protocol): void {
    const { keeper, reads } = this.#kept;
    const read = readOf(keeper, protocol, client);
    const answer = reads.now(read);
    assert.equal(answer !== undefined, this.#isGood(this.#last), "a read waits just when there is nothing to serve");
    if (answer !== undefined) this.#check(answer, client, protocol);
    else void this.#wait(read);
  }

  async #wait(read: Read): Promise<void> {
    this.#waiting += 1;
    try {
      this.#check(await this.#kept.reads.soon(read), read.client, read.protocol);
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
    const { held } = this.#kept.keeper.state;
    const told = toldBy(answer);
    if (told === undefined) {
      assert.equal(answer.status, 503);
      return;
    }
    assert.ok(held?.credentials.lifetime.kind === "until");
    assert.equal(told.accessKeyId, held.credentials.accessKeyId);
    const honest = held.credentials.lifetime.expiration - MARGIN;
    assert.ok(honest > this.clock.now(), "nothing past its honest expiration is served");
    assert.ok(told.reportedExpiration <= honest + (client?.[protocol].insists ?? 0) * SECOND, "reported too late");
    const key = `${held.generation} ${protocol} ${told.reportedExpiration} ${client?.accessKeyIdField}`;
    const bytes = answer.body.toString();
    assert.equal(bytes, this.#bytesOf.get(key) ?? bytes);
    this.#bytesOf.set(key, bytes);
  }

  /** What is held only ever gets better, and stays as long as it is good. */
  #look(): void {
    const { keeper } = this.#kept;
    const { held } = keeper.state;
    const before = this.#last;
    assert.ok(before === undefined || held !== undefined, "what was held is gone");
    if (held === undefined) return;
    assert.equal(keeper.current(), this.#isGood(held) ? held : undefined);
    if (before !== undefined && held !== before) {
      assert.equal(held.generation > before.generation, true);
      assert.ok(expirationOf(held) >= expirationOf(before), "shorter credentials replaced longer ones");
    }
    const secrets = JSON.stringify(held.credentials);
    assert.equal(secrets, this.#secretsOf.get(held.generation) ?? secrets, "one generation has two sets of secrets");
    this.#secretsOf.set(held.generation, secrets);
    this.#last = held;
  }

  #honestEnd(): number {
    return this.#last === undefined ? 0 : expirationOf(this.#last) - MARGIN;
  }

  #isGood(held: Held | undefined): boolean {
    return held !== undefined && Math.floor((expirationOf(held) - MARGIN) / SECOND) * SECOND > this.clock.now();
  }
}

function expirationOf({ credentials: { lifetime } }: Held): number {
  return lifetime.kind === "until" ? lifetime.expiration : Number.POSITIVE_INFINITY;
}
