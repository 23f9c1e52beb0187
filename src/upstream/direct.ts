/** STS and SSO without a proxy, by `node:http` and `node:https`, which are there anyway. */
import { Agent } from "node:http";
import { type Agents, type Bounds, boundedRequest } from "./bounded-request.ts";
import type { SdkRequest, SdkResponse } from "./transport.ts";

/**
 * In ms. The calls of one attempt follow each other at once, and those of the next are minutes away. What the agent knows
 * of a TLS session makes the next connection cheaper.
 */
const KEPT = { keepAlive: true, timeout: 4_000 } as const;

/** Agents that keep connections for the other calls of an attempt. */
export function keepingAgents(): Agents {
  const http = new Agent(KEPT);
  const https = () => import("node:https").then(({ Agent: SecureAgent }) => new SecureAgent(KEPT));
  let made: ReturnType<typeof https> | undefined;
  return {
    http: () => http,
    https() {
      made ??= https();
      return made;
    },
  };
}

export interface DirectOptions {
  readonly signal: AbortSignal;
  readonly ca: string | undefined;
  readonly agents: Agents;
  readonly bounds: Bounds;
}

/** The answer has its body as bytes, which the SDK takes as they are. */
export async function direct(request: SdkRequest, options: DirectOptions): Promise<SdkResponse> {
  const { method, headers, body } = request;
  const answer = await boundedRequest({ method, url: urlOf(request), headers, body, ...options });
  const { status: statusCode, headers: received } = answer;
  const joined = Object.entries(received).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(", ") : value,
  ]);
  return { statusCode, headers: Object.fromEntries(joined), body: answer.body };
}

/** No request that is made here is signed together with its query. */
function urlOf({ protocol, hostname, port, path, query = {} }: SdkRequest): URL {
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}`);
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value ?? "");
  }
  url.searchParams.sort();
  return url;
}
