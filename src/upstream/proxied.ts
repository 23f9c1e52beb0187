/** STS and SSO behind a proxy, by undici: Node's own agents know proxies from Node 24.5 on, and 24.0 is supported. */

import { UndiciHttpHandler } from "@smithy/undici-http-handler";
import { Pool, ProxyAgent } from "undici";
import type { Bounds } from "./bounded-request.ts";
import { lookup } from "./lookup.ts";

/** A handler with connections of its own through this proxy. `ca` are certificates to trust instead of Node's, in PEM. */
export function proxied(
  proxy: string,
  ca: string | undefined,
  { connectMs, idleMs, maxBytes }: Bounds,
): UndiciHttpHandler {
  const timeouts = { connectTimeout: connectMs, headersTimeout: idleMs, bodyTimeout: idleMs };
  const trust = ca === undefined ? {} : { ca };
  const dispatcher = new ProxyAgent({
    uri: proxy,
    ...timeouts,
    maxResponseSize: maxBytes,
    requestTls: trust,
    proxyTls: { ...trust, lookup },
    // undici waits five minutes for a proxy's answer to CONNECT, and no signal ends that.
    clientFactory: (origin, options) => new Pool(origin, { ...options, ...timeouts }),
  });
  return new UndiciHttpHandler({ dispatcher });
}
