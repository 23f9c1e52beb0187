/** One answer as it was written, and the check that all servers write the same. */
import { get } from "node:http";
import type { Running } from "./servers.ts";

export interface Document {
  /** Node's flat list, without what `node:http` adds by itself. */
  readonly headers: readonly string[];
  readonly body: string;
}

interface Received extends Document {
  readonly status: number | undefined;
}

const ADDED_BY_NODE = ["Date", "Connection", "Keep-Alive"];

/** `headers` as wrk takes them: `Name: value`. */
export function read(url: string, headers: readonly string[] = []): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>();
  const sent = Object.fromEntries(headers.map((line) => line.split(": ")));
  get(url, { agent: false, headers: sent }, (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (chunk) => {
      body += chunk;
    });
    response.on("error", reject).on("end", () => {
      const { statusCode: status, rawHeaders } = response;
      const kept = rawHeaders.filter((_, index) => !ADDED_BY_NODE.includes(rawHeaders[index - (index % 2)] ?? ""));
      resolve({ status, headers: kept, body });
    });
  }).on("error", reject);
  return promise;
}

export async function statusOf(url: string, headers: readonly string[]): Promise<number | undefined> {
  return (await read(url, headers)).status;
}

/** Throws when a server's answer is not the document, but for the credentials in it. */
export async function assertServes({ url, headers }: Running, document: Document): Promise<void> {
  const answer = await read(url, headers);
  const lines = ({ headers: flat }: Document) => flat.filter((_, index) => index % 2 === 0 && flat[index] !== "Server");
  const same =
    `${lines(answer)
      .map((name) => name.toLowerCase())
      .sort()}` ===
    `${lines(document)
      .map((name) => name.toLowerCase())
      .sort()}`;
  if (answer.status !== 200 || !same || answer.body.length !== document.body.length) {
    throw new Error(`${url} answers differently:\n${JSON.stringify([answer, document], null, 2)}`);
  }
}
