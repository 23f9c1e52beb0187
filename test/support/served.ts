import { type RequestOptions, request } from "node:http";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { type Sidecar, type SidecarOptions, startSidecar } from "../../src/sidecar.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeEdge } from "./fake-edge.ts";

export interface Served extends Sidecar {
  /** `http://127.0.0.1:PORT` of the credential listener, and of the admin listener. */
  readonly url: string;
  readonly adminUrl: string;
}

export interface ServeOptions {
  readonly edge: FakeEdge;
  /** By identity; `default` must be among them. */
  readonly upstreams: Readonly<Record<string, Upstream>>;
  /** Flags besides the listeners', which take free ports. */
  readonly flags?: readonly string[];
  readonly observers?: SidecarOptions["observers"];
}

/** The real sidecar in this process, on ports of the system's choice. */
export async function serveForTest({ edge, upstreams, flags = [], observers = [] }: ServeOptions): Promise<Served> {
  const listeners = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];
  const resolution = resolveSettings([...listeners, ...flags], edge.env);
  if (resolution.kind === "problems") throw new Error(JSON.stringify(resolution.problems));
  const sidecar = await startSidecar({
    ...resolution,
    edge,
    identities: () => Object.entries(upstreams).map(([name, upstream]) => ({ name, upstream })),
    observers,
    onTokenFileUnreadable: () => {},
  });
  const urlOf = (port: number | undefined) => `http://127.0.0.1:${port}`;
  return { ...sidecar, url: urlOf(sidecar.addresses[0]?.port), adminUrl: urlOf(sidecar.adminAddresses[0]?.port) };
}

export interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** One request by `node:http`, which adds nothing that was not asked for but `Host` and `Connection`. */
export async function get(url: string, options: RequestOptions = {}): Promise<Got> {
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const sent = request(url, options, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() });
    });
  });
  sent.on("error", reject);
  sent.end();
  return await promise;
}
