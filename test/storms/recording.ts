/** What a real client sent when it read credentials; `conformance/record.ts` writes these. */
import { readdirSync, readFileSync } from "node:fs";
import type { Protocol } from "../../src/policy/clients.ts";

/** A request without its bytes: as Node reads them, so that the case and the order of headers stay. */
export interface Head {
  readonly method: string;
  readonly target: string;
  /** `Name: value`. */
  readonly headers: readonly string[];
}

/** How often it read when it was told the same at every read. */
export interface Run {
  /** In seconds. */
  readonly reportedSeconds: number;
  /** What it signed. */
  readonly requests: number;
  readonly reads: number;
}

export interface Recording {
  readonly client: string;
  readonly sdk: string;
  /** Its row in `src/policy/clients.ts`. */
  readonly row: string;
  readonly version: string;
  readonly protocol: Protocol;
  /** The day, `YYYY-MM-DD`. */
  readonly recorded: string;
  readonly runs: readonly Run[];
  /** All different requests, in the order of their first. */
  readonly heads: readonly Head[];
}

/** Every recording that is kept. */
export function recordings(): readonly Recording[] {
  const folder = new URL("recorded/", import.meta.url);
  const files = readdirSync(folder).sort();
  return files.flatMap((file): Recording[] => JSON.parse(readFileSync(new URL(file, folder), "utf8")));
}
