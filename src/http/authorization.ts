import { createHash, timingSafeEqual } from "node:crypto";
import type { Edge } from "../edge.ts";
import { isRecent, MINUTE, SECOND } from "../time.ts";
import { readTokens, TokenFileError, type TokenInFile } from "./token-files.ts";

/** How often the token file is looked at. A client with a token that is not known yet makes it looked at sooner. */
const LOOK_EVERY_MS = 10 * SECOND;
const LOOK_AGAIN_MS = SECOND;

/** Reading from a dead file system may never end, so nothing waits longer than this for it. */
const LOOK_LIMIT_MS = SECOND;

/** Processes that read the token once, at their start, keep the old one for this long after it was replaced. */
const OLD_TOKEN_HONOURED_MS = 10 * MINUTE;

/** A file that stays unusable is logged this often at most. */
const UNUSABLE_EVERY_MS = MINUTE;

/** The identities that a token opens. */
export type Opens = "every" | ReadonlySet<string>;

/**
 * Whether these open the identity of a credential cache; `caches` has it by every name it is served under. The first profile
 * and the default are one identity: a token for either name opens both.
 */
export function opensIdentity<Cache>(opens: Opens, cache: Cache, caches: ReadonlyMap<string, Cache>): boolean {
  return opens === "every" || [...opens].some((name) => caches.get(name) === cache);
}

export interface TokenSettings {
  readonly token: string | undefined;
  /** A file that opens every identity, or a directory with one file per identity. */
  readonly path: string | undefined;
}

interface Entry {
  readonly digest: Buffer;
  readonly opens: string | undefined;
  readonly honouredUntil: number;
}

/**
 * The tokens that clients may send, compared in constant time over digests and read again when their files change. A
 * token that is in no file any more, because it was replaced, emptied, deleted or cannot be read, is honoured for ten
 * minutes; after that it opens nothing. Without any token left, nothing is served.
 */
export class Tokens {
  readonly #fixed: readonly Entry[];
  readonly #path: string | undefined;
  readonly #clock: Edge["clock"];
  readonly #onUnusable: (error: TokenFileError) => void;
  #current: readonly Entry[] = [];
  #former: readonly Entry[] = [];
  #lookedAt: number | undefined;
  #looking: Promise<readonly TokenFileError[]> | undefined;
  /** When each unusable path was logged last. */
  readonly #loggedAt = new Map<string, number>();
  #cancel: () => void = () => {};

  private constructor(
    { token, path }: TokenSettings,
    clock: Edge["clock"],
    onUnusable: (error: TokenFileError) => void,
  ) {
    this.#fixed = token === undefined ? [] : [entry({ token, opens: undefined })];
    this.#path = path;
    this.#clock = clock;
    this.#onUnusable = onUnusable;
  }

  /** Rejects with a {@link TokenFileError} when the path cannot be read or one of its files holds no token. */
  static async open(
    settings: TokenSettings,
    clock: Edge["clock"],
    onUnusable: (error: TokenFileError) => void,
  ): Promise<Tokens> {
    const tokens = new Tokens(settings, clock, onUnusable);
    const { path } = settings;
    if (path === undefined) return tokens;
    const [fault] = await tokens.#withinLimit(tokens.#look(), [new TokenFileError(path, "did not answer")]);
    if (fault !== undefined) throw fault;
    tokens.#lookLater();
    return tokens;
  }

  get required(): boolean {
    return this.#fixed.length > 0 || this.#path !== undefined;
  }

  /** What the presented token opens, as far as is known; undefined when it opens nothing. Never waits. */
  opens(presented: string | undefined): Opens | undefined {
    return presented === undefined ? undefined : this.#match(digestOf(presented.trim()));
  }

  /** True when the file may have changed since it was last read, so that it may hold an unknown token by now. */
  mayHaveChanged(presented: string | undefined): boolean {
    if (presented === undefined || this.#path === undefined) return false;
    return this.#looking !== undefined || !isRecent(this.#lookedAt, this.#clock.now(), LOOK_AGAIN_MS);
  }

  /** Looks at the file, if there is one; resolves when that is done, or after a second. Never rejects. */
  async lookAgain(): Promise<void> {
    if (this.#path === undefined) return;
    const faults = await this.#withinLimit(this.#look(), []);
    this.#log(faults);
  }

  /** As {@link opens}; a token that opens nothing may be newer than the last look at its file. */
  async opensNow(presented: string | undefined): Promise<Opens | undefined> {
    const opens = this.opens(presented);
    if (opens !== undefined || !this.mayHaveChanged(presented)) return opens;
    await this.lookAgain();
    return this.opens(presented);
  }

  stop(): void {
    this.#cancel();
  }

  /** Resolves when no look is under way. */
  async looked(): Promise<void> {
    await this.#looking;
  }

  #match(digest: Buffer): Opens | undefined {
    const now = this.#clock.now();
    const matching = [...this.#fixed, ...this.#current, ...this.#former].filter(
      (one) => timingSafeEqual(one.digest, digest) && one.honouredUntil > now,
    );
    if (matching.length === 0) return undefined;
    const names = matching.flatMap(({ opens }) => (opens === undefined ? [] : [opens]));
    return names.length < matching.length ? "every" : new Set(names);
  }

  #lookLater(): void {
    this.#cancel = this.#clock.setTimer(LOOK_EVERY_MS, () => {
      this.#lookLater();
      void this.lookAgain();
    });
  }

  /** One look at a time: a dead file system holds one thread, however many ask. */
  #look(): Promise<readonly TokenFileError[]> {
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookOnce(): Promise<readonly TokenFileError[]> {
    const { tokens, faults } = await readTokens(this.#path ?? "");
    const now = this.#clock.now();
    const next = tokens.map(entry);
    const gone = this.#current.filter((old) => !next.some((one) => isSame(one, old)));
    const honouredUntil = now + OLD_TOKEN_HONOURED_MS;
    this.#former = [
      ...this.#former.filter((old) => old.honouredUntil > now),
      ...gone.map((old) => ({ ...old, honouredUntil })),
    ];
    this.#current = next;
    this.#lookedAt = now;
    for (const path of this.#loggedAt.keys()) {
      if (!faults.some((fault) => fault.path === path)) this.#loggedAt.delete(path);
    }
    return faults;
  }

  #log(faults: readonly TokenFileError[]): void {
    const now = this.#clock.now();
    for (const fault of faults) {
      if (isRecent(this.#loggedAt.get(fault.path), now, UNUSABLE_EVERY_MS)) continue;
      this.#loggedAt.set(fault.path, now);
      this.#onUnusable(fault);
    }
  }

  async #withinLimit<T>(work: Promise<T>, late: T): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const cancel = this.#clock.setTimer(LOOK_LIMIT_MS, () => resolve(late));
    try {
      return await Promise.race([work, promise]);
    } finally {
      cancel();
    }
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return a.opens === b.opens && a.digest.equals(b.digest);
}

function entry({ token, opens }: TokenInFile): Entry {
  return { digest: digestOf(token), opens, honouredUntil: Number.POSITIVE_INFINITY };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
