/** What may happen in a chaos run, drawn at random from a seed that the run prints. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../../acceptance/fuzz/random.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import type { UpstreamBehaviour } from "../support/simulated-upstream.ts";

const LIFETIMES_MS = [2 * MINUTE, 15 * MINUTE, HOUR, 12 * HOUR, 40 * HOUR];

/** A behaviour of upstream; healthy ones are more frequent, so that there is something to lose. */
export function anyBehaviour(random: Random): UpstreamBehaviour {
  const lifetime = random.pick(LIFETIMES_MS);
  switch (random.below(6)) {
    case 0:
      return { kind: "hangs" };
    case 1:
    case 2:
      return { kind: "fails", failure: random.pick(failureKinds) };
    case 3:
      return { kind: "caches", lifetime, refreshesAt: Math.min(lifetime / 2, 5 * MINUTE) };
    default:
      return { kind: "issues", lifetime };
  }
}

/** How far the wall clock jumps, in ms; mostly not at all. */
export function anyJump(random: Random): number {
  if (random.chance(0.9)) return 0;
  return (random.chance(0.5) ? -1 : 1) * random.pick([SECOND, MINUTE, 10 * MINUTE, HOUR]);
}

/** Files of one token directory, with the token that is in each when it is good. */
export class TokenDirectory {
  readonly path: string;
  readonly #names: readonly string[];
  readonly #tokens = new Map<string, string>();
  #count = 0;

  constructor(path: string, names: readonly string[]) {
    this.path = path;
    this.#names = names;
    for (const name of names) this.#write(name);
  }

  /** The last token that was written for an identity. */
  tokenOf(name: string): string {
    return this.#tokens.get(name) ?? "";
  }

  /** Rotates, empties, deletes or replaces one file. */
  disturb(random: Random): void {
    const name = random.pick(this.#names);
    const file = join(this.path, name);
    rmSync(file, { force: true });
    switch (random.below(5)) {
      case 0:
        return;
      case 1:
        writeFileSync(file, "");
        return;
      case 2:
        execFileSync("mkfifo", [file]);
        return;
      default:
        this.#write(name);
    }
  }

  /** Makes every file good again. */
  restore(): void {
    for (const name of this.#names) {
      rmSync(join(this.path, name), { force: true });
      writeFileSync(join(this.path, name), this.tokenOf(name));
    }
  }

  #write(name: string): void {
    this.#count += 1;
    const token = `fake-token-of-${name}-${this.#count}`;
    this.#tokens.set(name, token);
    writeFileSync(join(this.path, name), token);
  }
}

/** The state file, and what may happen to it. */
export class StateFileInChaos {
  readonly path: string;
  #isSpoilt = false;
  #spoilt = "";

  constructor(directory: string) {
    this.path = join(directory, "private", "state.json");
  }

  /** Whether what a sidecar wrote last is there. */
  isAsWritten(): boolean {
    return existsSync(this.path) && !(this.#isSpoilt && readFileSync(this.path, "latin1") === this.#spoilt);
  }

  /** Deletes, cuts or opens it, or puts something else in its place. */
  disturb(random: Random): void {
    if (!existsSync(this.path)) return;
    const text = readFileSync(this.path, "latin1");
    switch (random.below(4)) {
      case 0:
        rmSync(this.path);
        break;
      case 1:
        writeFileSync(this.path, text.slice(0, random.below(text.length)), "latin1");
        break;
      case 2:
        chmodSync(this.path, 0o644);
        break;
      default:
        writeFileSync(`${this.path}.new`, "what a killed process left");
        return;
    }
    this.#isSpoilt = true;
    this.#spoilt = existsSync(this.path) ? readFileSync(this.path, "latin1") : "";
  }
}

/** Bytes of peers that do what no client does. */
export const hostileBytes: readonly string[] = [
  "\0\0\0\0",
  "GET /v1/credentials HTTP/1.1\r\nHost: evil.example\r\n\r\n",
  "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: null\r\n\r\n",
  "GET /v1/credentials HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n",
  "GET /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(50),
  `GET /v1/credentials HTTP/1.1\r\n${"a:b\r\n".repeat(1_500)}\r\n`,
  "POST /v1/credentials HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9999999\r\n\r\nx",
  "GET /v1/cred",
];
