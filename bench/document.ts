/** One answer as it was written, and the check that both servers write the same. */
import { get } from "node:http";
import { bare, type Running, sidecar, start } from "./servers.ts";

export interface Document {
  /** Node's flat list, without what `node:http` adds by itself. */
  readonly headers: readonly string[];
  readonly body: string;
}

interface Received extends Document {
  readonly status: number | undefined;
}

const ADDED_BY_NODE = ["Date", "Connection"];

export function read(url: string): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  get(url, { agent: false }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    response.on("error", reject).on("end", () => {
      const { statusCode: status, rawHeaders } = response;
      const headers = rawHeaders.filter((_, index) => !ADDED_BY_NODE.includes(rawHeaders[index - (index % 2)] ?? ""));
      resolve({ status, headers, body });
    });
  }).on("error", reject);
  return promise;
}

/** The document of a sidecar on demo credentials, for the bare server to answer with. */
export async function sidecarDocument(): Promise<Document> {
  const server = await start({ args: sidecar("bundle") });
  const { headers, body } = await read(server.url);
  await server.stop();
  return { headers, body };
}

/** Both servers, side by side. Throws when their answers differ in more than the credentials. */
export async function startBoth(document: Document): Promise<Readonly<Record<"bare" | "sidecar", Running>>> {
  const servers = { bare: await start({ args: bare(document) }), sidecar: await start({ args: sidecar("bundle") }) };
  const [one, other] = await Promise.all([read(servers.bare.url), read(servers.sidecar.url)]);
  if (one.status !== 200 || `${one.headers}` !== `${other.headers}` || one.body.length !== other.body.length) {
    throw new Error(`the servers answer differently:\n${JSON.stringify([one, other], null, 2)}`);
  }
  return servers;
}
