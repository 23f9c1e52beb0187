import { createHash, timingSafeEqual } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Edge } from "../edge.ts";
import { isRecent, MINUTE, SECOND } from "../time.ts";

/** How often the token file is looked at. A reader with a token that is not known yet makes it looked at sooner. */
const LOOK_EVERY_MS = 10_000;
const LOOK_AGAIN_MS = SECOND;

/** Processes that read the token once, at their start, keep the old one for this long after a rotation. */
const OLD_TOKEN_HONOURED_MS = 600_000;

/** A file that stays unreadable is told this often at most. */
const UNREADABLE_EVERY_MS = MINUTE;

/** Bounds what a mistaken path can load. */
const MAX_TOKEN_BYTES = 16_384;

/** Which identities a token opens. */
export type Opens = "every" | ReadonlySet<string>;

export interface TokenSettings {
  readonly token: string | undefined;
  /** A file that opens every identity, or a directory with one file per identity. */
  readonly path: string | undefined;
}

/** The token file cannot be used. The message names the path, never its content. */
export class TokenFileError extends Error {
  override readonly name = "TokenFileError";
  readonly code = "TokenFileUnusable";
}

interface Entry {
  readonly digest: Buffer;
  readonly opens: string | undefined;
  readonly honouredUntil: number;
}

/** The tokens that readers may send, compared in constant time over digests and read again when their files change. */
export class Tokens {
  readonly #fixed: readonly Entry[];
  readonly #path: string | undefined;
  readonly #clock: Edge["clock"];
  readonly #onUnreadable: (error: TokenFileError) => void;
  #current: readonly Entry[] = [];
  #former: readonly Entry[] = [];
  #lookedAt = 0;
  /** When it was told last that the file cannot be read; undefined while it can. */
  #unreadableLoggedAt: number | undefined;
  #cancel: () => void = () => {};

  /** Throws a {@link TokenFileError} when the path cannot be read or holds no token. */
  constructor({ token, path }: TokenSettings, clock: Edge["clock"], onUnreadable: (error: TokenFileError) => void) {
    this.#fixed = token === undefined ? [] : [entry(token, undefined)];
    this.#path = path;
    this.#clock = clock;
    this.#onUnreadable = onUnreadable;
    if (path === undefined) return;
    this.#current = readEntries(path);
    this.#lookedAt = clock.now();
    this.#lookLater();
  }

  get required(): boolean {
    return this.#fixed.length > 0 || this.#path !== undefined;
  }

  /** What the presented token opens; undefined when it opens nothing. */
  opens(presented: string | undefined): Opens | undefined {
    if (presented === undefined) return undefined;
    const digest = digestOf(presented.trim());
    const found = this.#match(digest);
    if (found !== undefined || this.#path === undefined) return found;
    if (this.#clock.now() - this.#lookedAt < LOOK_AGAIN_MS) return undefined;
    this.#look();
    return this.#match(digest);
  }

  stop(): void {
    this.#cancel();
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
      this.#look();
      this.#lookLater();
    });
  }

  /** A file that vanished or is being rewritten leaves the tokens as they are. */
  #look(): void {
    if (this.#path === undefined) return;
    const now = this.#clock.now();
    this.#lookedAt = now;
    try {
      const next = readEntries(this.#path);
      const replaced = this.#current.filter((old) => !next.some((one) => isSame(one, old)));
      const honouredUntil = now + OLD_TOKEN_HONOURED_MS;
      this.#former = [
        ...this.#former.filter((old) => old.honouredUntil > now),
        ...replaced.map((old) => ({ ...old, honouredUntil })),
      ];
      this.#current = next;
      this.#unreadableLoggedAt = undefined;
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
      if (isRecent(this.#unreadableLoggedAt, now, UNREADABLE_EVERY_MS)) return;
      this.#unreadableLoggedAt = now;
      this.#onUnreadable(error);
    }
  }
}

function isSame(a: Entry, b: Entry): boolean {
  return a.opens === b.opens && a.digest.equals(b.digest);
}

/** Names that begin with a dot are Kubernetes' own (`..data` in a mounted Secret). */
function readEntries(path: string): readonly Entry[] {
  try {
    if (!statSync(path).isDirectory()) return [entry(readToken(path), undefined)];
    const names = readdirSync(path).filter((name) => !name.startsWith("."));
    if (names.length === 0) throw new TokenFileError(`the token directory ${path} is empty`);
    return names.map((name) => entry(readToken(join(path, name)), name));
  } catch (error) {
    if (error instanceof TokenFileError) throw error;
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new TokenFileError(`the token file ${path} cannot be read (${code})`);
  }
}

/** A trailing newline is the commonest fault of token files, and most clients send it as it is: both sides are trimmed. */
function readToken(path: string): string {
  if (statSync(path).size > MAX_TOKEN_BYTES) throw new TokenFileError(`the token file ${path} is larger than a token`);
  const token = readFileSync(path, "latin1").trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw new TokenFileError(`the token file ${path} holds no visible ASCII token`);
  return token;
}

function entry(token: string, opens: string | undefined): Entry {
  return { digest: digestOf(token), opens, honouredUntil: Number.POSITIVE_INFINITY };
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
