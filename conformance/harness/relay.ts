/**
 * Passes requests on. In front of an upstream that is not ours it writes down what was issued; in front of the sidecar
 * it can answer the first reads with 503.
 */
import { request as send } from "node:http";
import { type Handler, type Incoming, json, type Reply } from "./http.ts";
import type { Issued, Ledger } from "./ledger.ts";

export interface RelayOptions {
  /** Where to, without a slash at the end. */
  readonly to: string;
  /** So many requests for credentials are answered with 503 first. */
  readonly refuse: number;
}

export interface RelayReport {
  readonly passed: number;
  readonly refused: number;
}

export class Relay {
  readonly #to: URL;
  readonly #ledger: Ledger;
  #refusalsLeft: number;
  #passed = 0;
  #refused = 0;

  constructor({ to, refuse }: RelayOptions, ledger: Ledger) {
    this.#to = new URL(to);
    this.#ledger = ledger;
    this.#refusalsLeft = refuse;
  }

  report(): RelayReport {
    return { passed: this.#passed, refused: this.#refused };
  }

  readonly handle: Handler = async (request) => {
    if (this.#refusalsLeft > 0 && /credentials/.test(request.target)) {
      this.#refusalsLeft -= 1;
      this.#refused += 1;
      return json(503, { code: "Unavailable", message: "not now", Code: "Unavailable", Message: "not now" });
    }
    this.#passed += 1;
    const reply = await this.#pass(request);
    const issued = readIssued(String(reply.body));
    if (issued !== undefined && this.#ledger.find(issued.accessKeyId) === undefined) this.#ledger.record(issued);
    return reply;
  };

  #pass({ method, target, headers, body }: Incoming): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const { hostname, port, host } = this.#to;
    const passedOn = send({ hostname, port, method, path: target, headers: { ...headers, host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 502,
          headers: endToEnd(response.headers),
          body: Buffer.concat(chunks),
        }),
      );
    });
    passedOn.on("error", (error) => resolve(json(502, { message: error.message })));
    passedOn.end(body);
    return promise;
  }
}

/** Headers of one connection are not passed on (RFC 9110, 7.6.1), and the length is set anew. */
const OWN_TO_A_CONNECTION: readonly string[] = ["connection", "keep-alive", "transfer-encoding", "content-length"];

function endToEnd(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !OWN_TO_A_CONNECTION.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
}

/** The credentials in an answer of STS (XML), of IMDS or of a container endpoint (JSON); undefined when it has none. */
export function readIssued(body: string): Issued | undefined {
  const accessKeyId = field(body, "AccessKeyId");
  const secretAccessKey = field(body, "SecretAccessKey");
  const sessionToken = field(body, "SessionToken") ?? field(body, "Token");
  const expiration = Date.parse(field(body, "Expiration") ?? "");
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiration)) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken, expiration };
}

function field(body: string, name: string): string | undefined {
  return (new RegExp(`<${name}>([^<]+)</${name}>`).exec(body) ?? new RegExp(`"${name}": ?"([^"]+)"`).exec(body))?.[1];
}
