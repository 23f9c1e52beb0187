/** How many requests a client can be asked for. Pure. */
import type { Client } from "./clients.ts";

/** A command line starts anew for each request, which takes a second of a core, and several on a busy machine. */
const PROCESSES_AT_MOST = 5;
export const PROCESS_MS = 10_000;

type Kind = Pick<Client, "processPerRequest">;

export function requestsOf({ processPerRequest }: Kind, wanted: number, processes = PROCESSES_AT_MOST): number {
  return processPerRequest ? Math.min(processes, wanted) : wanted;
}

/** Two reads for each process: one to begin with, and one more where an SDK looks again at once. */
export function readsAllowed({ processPerRequest }: Kind, requests: number): number {
  return processPerRequest ? 2 * requests : 2;
}
