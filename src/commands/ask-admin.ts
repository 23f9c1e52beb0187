/**
 * One request to the admin listener of this pod's sidecar. When none is running, anybody may listen there, so that an answer
 * is bounded in time and in size, and nothing of it is printed but by `printable`.
 */
import { Agent } from "node:http";
import type { Clock } from "../edge.ts";
import { type Agents, BoundError, boundedRequest } from "../upstream/bounded-request.ts";

/** The status of 32 identities, with every client that is known, has less than 4 MiB. */
const MAX_BYTES = 8_388_608;

/** In ms. The listener is on this machine. */
const CONNECT_MS = 2_000;

export interface AdminRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  /** The longest that the whole answer may take, in ms. */
  readonly limitMs: number;
}

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

const http = new Agent({ keepAlive: false });
const agents: Agents = {
  http: () => http,
  https: async () => new (await import("node:https")).Agent({ keepAlive: false }),
};

/** Rejects with Node's error, or with a `BoundError` for an answer over 8 MiB or `limitMs`. Follows no redirect. */
export async function askAdmin(
  { url, method = "GET", headers = {}, limitMs }: AdminRequest,
  { setTimer }: Pick<Clock, "setTimer">,
): Promise<AdminAnswer> {
  const late = new AbortController();
  const cancel = setTimer(limitMs, () => late.abort(new BoundError("ERR_ANSWER_TIMEOUT")));
  const bounds = { connectMs: CONNECT_MS, idleMs: limitMs, maxBytes: MAX_BYTES };
  try {
    const asked = { method, url: new URL(url), headers, signal: late.signal, ca: undefined, agents, bounds };
    const { status, body } = await boundedRequest(asked);
    return { status, text: body.toString("utf8") };
  } finally {
    cancel();
  }
}

/** Why there is no answer, in words that name the URL. */
export function whyNoAnswer(url: string, thrown: unknown): string {
  const { code = "failed" } = thrown as NodeJS.ErrnoException;
  if (code === "ERR_HTTP_ANSWER_TOO_LONG") return `${url} is no sidecar: its answer is longer than 8 MiB`;
  return `nothing answers at ${url} (${code})`;
}
