/** Keeps what the credential caches hold in a file, so that a restart of the sidecar loses nothing. */
import type { ClockReading, Snapshot } from "../cache/cached-credentials.ts";
import type { CredentialCache } from "../cache/credential-cache.ts";
import type { AttemptEvent } from "../cache/events.ts";
import type { Clock } from "../edge.ts";
import { readSmallFile } from "../files.ts";
import type { StateEvent } from "../telemetry/events.ts";
import { SECOND } from "../time.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { parseState, renderState, type StateRecord } from "./document.ts";
import { stateFaultOf } from "./fault.ts";
import type { PrivateFile } from "./private-file.ts";

/** A dead file system may never answer, and neither a start nor an end waits longer for it. */
const LIMIT_MS = SECOND;

export interface StateIdentity {
  readonly cache: CredentialCache;
  readonly upstream: Upstream;
}

export interface StateFileOptions {
  readonly file: PrivateFile;
  readonly clock: Clock;
  /** What makes a time by `clock.monotonicMs()` one that every process counts alike. */
  readonly monotonicOriginMs: number;
  readonly identities: ReadonlyMap<string, StateIdentity>;
  readonly onState: (event: StateEvent) => void;
}

/**
 * Nothing waits for the file but a start, for a second, and whatever is wrong with it costs no more than what a sidecar
 * without one loses. One operation at a time: a dead file system holds one thread.
 */
export class StateFile {
  readonly #options: StateFileOptions;
  /** What each identity's cached credentials were given for. */
  readonly #givenFor = new Map<string, string>();
  #boot = "";
  #loading: Promise<void> = Promise.resolve();
  #isLate = false;
  #isStale = false;
  #writing: Promise<void> | undefined;
  #written: string | undefined;
  #isFailing = false;

  constructor(options: StateFileOptions) {
    this.#options = options;
  }

  /** Hands each credential cache what it may serve. Resolves after a second at the latest, and never rejects. */
  async restore(): Promise<void> {
    this.#loading = this.#load();
    if (await this.#isWithinLimit(this.#loading)) return;
    this.#isLate = true;
    this.#fail("does not answer");
  }

  /** The cached credentials, or the time of the next attempt, have changed. */
  onAttempt({ identity, outcome }: AttemptEvent): void {
    const givenFor = this.#options.identities.get(identity)?.upstream.givenFor;
    if (outcome.kind === "refreshed" && givenFor === undefined) this.#givenFor.delete(identity);
    if (outcome.kind === "refreshed" && givenFor !== undefined) this.#givenFor.set(identity, givenFor);
    this.#isStale = true;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  /** Lets a write in progress end, for a second at most. */
  async close(): Promise<void> {
    if (this.#writing !== undefined) await this.#isWithinLimit(this.#writing);
  }

  async #load(): Promise<void> {
    const { file } = this.#options;
    this.#boot = await bootId();
    try {
      await file.prepare();
      await file.removeTemporary();
    } catch (thrown) {
      if (!this.#isLate) this.#fail(stateFaultOf(thrown));
      return;
    }
    const text = await file.read().catch((thrown) => this.#ignore(stateFaultOf(thrown)));
    if (text === undefined) return;
    const state = parseState(text, this.#boot);
    if (state === undefined)
      return this.#ignore("is not a whole state file of this version and this start of the node");
    await Promise.all([...state.records].map(([identity, record]) => this.#take(identity, record)));
  }

  async #take(identity: string, { givenFor, snapshot }: StateRecord): Promise<void> {
    const { identities, monotonicOriginMs, onState } = this.#options;
    const { cache, upstream } = identities.get(identity) ?? {};
    if (cache === undefined || upstream === undefined) return;
    const askedFor = await upstream.askedFor?.().catch(() => undefined);
    // The cache has begun to fetch.
    if (this.#isLate) return;
    if (givenFor !== askedFor) return this.#ignore("has credentials of another set-up", identity);
    if (!cache.restore(movedBy(snapshot, -monotonicOriginMs))) return this.#ignore("has expired credentials", identity);
    this.#givenFor.set(identity, givenFor);
    const { cached, nextRefreshAt } = cache.state;
    onState({ kind: "restored", identity, lifetime: cached?.credentials.lifetime, nextRefreshAt });
  }

  #ignore(reason: string, identity?: string): undefined {
    this.#options.onState({ kind: "ignored", identity, reason });
  }

  async #writeAll(): Promise<void> {
    await this.#loading;
    while (this.#isStale) {
      this.#isStale = false;
      await this.#write();
    }
  }

  async #write(): Promise<void> {
    const { file, clock, onState } = this.#options;
    const records = this.#records();
    const text = renderState({ boot: this.#boot, records });
    if (text === this.#written || (records.size === 0 && this.#written === undefined)) return;
    const cancel = clock.setTimer(LIMIT_MS, () => this.#fail("does not answer"));
    try {
      await file.prepare();
      await file.write(text);
      this.#written = text;
      this.#isFailing = false;
      onState({ kind: "written" });
    } catch (thrown) {
      this.#fail(stateFaultOf(thrown));
    } finally {
      cancel();
    }
  }

  #records(): ReadonlyMap<string, StateRecord> {
    const { identities, monotonicOriginMs } = this.#options;
    return new Map(
      [...identities].flatMap(([identity, { cache }]) => {
        const [snapshot, givenFor] = [cache.snapshot, this.#givenFor.get(identity)];
        if (snapshot === undefined || givenFor === undefined) return [];
        return [[identity, { givenFor, snapshot: movedBy(snapshot, monotonicOriginMs) }] as const];
      }),
    );
  }

  /** Said once, until a write succeeds. */
  #fail(reason: string): void {
    this.#options.onState({ kind: "failed", reason, isNews: !this.#isFailing });
    this.#isFailing = true;
  }

  async #isWithinLimit(work: Promise<void>): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const cancel = this.#options.clock.setTimer(LIMIT_MS, () => resolve(false));
    const isWithin = await Promise.race([work.then(() => true), promise]);
    cancel();
    return isWithin;
  }
}

function movedBy(snapshot: Snapshot, byMs: number): Snapshot {
  const moved = ({ wall, monotonicMs }: ClockReading) => ({ wall, monotonicMs: monotonicMs + byMs });
  return { ...snapshot, since: moved(snapshot.since), scheduled: moved(snapshot.scheduled) };
}

/** Names this start of the system (random(4)); the same word for all where Linux does not say. */
async function bootId(): Promise<string> {
  return await readSmallFile("/proc/sys/kernel/random/boot_id", 256).then(
    (bytes) => bytes.toString().trim(),
    () => "unknown",
  );
}
