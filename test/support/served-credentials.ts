import assert from "node:assert/strict";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import type { Credentials } from "../../src/credentials.ts";
import type { Edge } from "../../src/edge.ts";
import { HOUR } from "../../src/time.ts";
import { EPOCH } from "./fake-clock.ts";
import { type FakeEdge, fakeEdge } from "./fake-edge.ts";
import { get, type Served, type ServeOptions, serveForTest } from "./served.ts";
import { fakeCredentials, upstreamOf } from "./upstreams.ts";

export interface ServedCredentials extends Served {
  readonly edge: FakeEdge;
  /** What each identity holds. */
  readonly credentials: Readonly<Record<string, Credentials>>;
}

export interface Given extends Partial<Pick<ServeOptions, "flags" | "observers">> {
  readonly env?: Edge["env"];
  readonly randomBytes?: Edge["randomBytes"];
  /** By identity; one-hour credentials for `default` when nothing is said. */
  readonly credentials?: Readonly<Record<string, Credentials>>;
}

/** A sidecar that holds credentials already; closed when the test ends. */
export async function serveCredentials(
  t: TestContext,
  { env = {}, randomBytes, credentials = { default: fakeCredentials(EPOCH + HOUR) }, ...given }: Given = {},
): Promise<ServedCredentials> {
  const edge = fakeEdge({ env, ...(randomBytes && { randomBytes }) });
  const sources = Object.entries(credentials).map(([name, cached]) => [name, upstreamOf(() => cached)] as const);
  const served = await serveForTest({ edge, upstreams: Object.fromEntries(sources), ...given });
  t.after(() => served.close());
  await edge.clock.advance(0);
  assert.ok(served.status().ready, "every identity holds its credentials");
  return { ...served, edge, credentials };
}

/** An IMDSv2 session for as long as one may last. */
export async function openSession({ url }: Served): Promise<string> {
  const headers = { "X-aws-ec2-metadata-token-ttl-seconds": "21600" };
  const { status, text } = await get(`${url}/latest/api/token`, { method: "PUT", headers });
  assert.equal(status, 200);
  return text;
}

/** That it lives, and that a good request still gets the credentials that were there before. */
export async function assertServesStill(
  { url, credentials }: ServedCredentials,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, text } = await get(`${url}/v1/credentials`, { headers });
  assert.equal(status, 200);
  assert.equal(JSON.parse(text).AccessKeyId, credentials.default?.accessKeyId);
}

/** One answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface Exchange {
  /** Sent once so many answers have come: shows that the connection is still in step. */
  readonly then?: { readonly after: number; readonly send: Buffer };
  /** End our half of the connection after the bytes. */
  readonly end?: boolean;
}

/** Sends bytes as they are, and gives everything that comes back until the server ends the connection. */
export async function sendBytes(url: string, bytes: Uint8Array, { then, end = false }: Exchange = {}): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const { hostname, port } = new URL(url);
  let heard = "";
  let next = then;
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1");
    if (next === undefined || answersIn(heard).length < next.after) return;
    socket.write(next.send);
    next = undefined;
  });
  socket.on("end", () => socket.end());
  // A server that refuses bytes while more of them arrive resets the connection; what it said is what counts.
  socket.on("error", () => socket.destroy());
  socket.on("close", () => resolve(heard));
  socket.write(bytes);
  if (end) socket.end();
  return await promise;
}

/**
 * The answers in what a server sent. That of HEAD has a length and no body: what follows it is another answer or
 * nothing, and no body of ours begins like an answer.
 */
export function answersIn(heard: string): readonly RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = heard;
  while (rest !== "") {
    const [head, status] = /^HTTP\/1\.1 (\d{3}) .*?\r\n\r\n/s.exec(rest) ?? [];
    if (head === undefined) break;
    rest = rest.slice(head.length);
    const length = rest.startsWith("HTTP/1.1 ") ? 0 : Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
    answers.push({ status: Number(status), head, body: rest.slice(0, length) });
    rest = rest.slice(length);
  }
  return answers;
}

/** Whether `text` holds what only a reader of credentials may see; a key's ID is enough. */
export function holdsSecret(text: string, { credentials }: Pick<ServedCredentials, "credentials">): boolean {
  return Object.values(credentials).some(({ accessKeyId, secretAccessKey, sessionToken }) =>
    [accessKeyId, secretAccessKey, sessionToken].some((secret) => text.includes(secret)),
  );
}
