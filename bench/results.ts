/** `results.json`: what `npm run bench` found last, part by part. */
import type { ColdReads } from "./cold.ts";
import type { MemoryRow, StartRow } from "./footprint.ts";
import type { PeerRow } from "./peers.ts";
import type { Connections } from "./reads.ts";
import type { Sizes } from "./size.ts";
import type { ReadsRow } from "./summary.ts";
import type { Variant } from "./variants.ts";

export interface Results {
  readonly machine: { readonly node: string; readonly cores: number; readonly model: string };
  readonly reads: readonly {
    readonly connections: Connections;
    readonly process: "young" | "warm";
    readonly rows: readonly ReadsRow[];
  }[];
  /** By the length of the session token. */
  readonly tokens: readonly Variant[];
  /** By the number of identities that are read in turn. */
  readonly identities: readonly Variant[];
  readonly starts: readonly StartRow[];
  readonly memory: readonly MemoryRow[];
  readonly cold: ColdReads;
  readonly sizes: Sizes;
  readonly peers: readonly PeerRow[];
}
