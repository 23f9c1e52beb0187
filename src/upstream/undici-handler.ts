/** How STS and SSO are asked: through proxies, with time-outs and a bound on answers. */

import { UndiciHttpHandler } from "@smithy/undici-http-handler";
import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import type { Env } from "../edge.ts";
import { lookup } from "./lookup.ts";
import { proxyFor } from "./proxies.ts";

/** How long STS, or a proxy on the way to it, may take; in ms. */
export interface Timeouts {
  readonly connectTimeout: number;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/** With these a hanging STS fails within the credential cache's time-out for one attempt (15 s). */
const TIMEOUTS: Timeouts = { connectTimeout: 3_000, headersTimeout: 8_000, bodyTimeout: 8_000 };

/**
 * An STS answer has about 3 KB, and twice the longest session token that is served (64 KiB) at most. The SDK's XML
 * parser takes far more memory than the text: 1 MiB of `&lt;` exhausts the image's heap.
 */
const MAX_ANSWER_BYTES = 131_072;

export interface HandlerOptions {
  /** The proxy variables. */
  readonly env: Env;
  /** Certificates to trust instead of Node's, in PEM (`AWS_CA_BUNDLE`). */
  readonly ca: string | undefined;
}

/** Where a request goes; the handler sees more of it. */
interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
}

/** Handlers with their connections, one for each proxy and set of certificates. */
export class HandlerPool {
  readonly #handlers = new Map<string | undefined, UndiciHttpHandler>();
  readonly #timeouts: Timeouts;
  #ca: string | undefined;

  constructor(timeouts: Timeouts = TIMEOUTS) {
    this.#timeouts = timeouts;
  }

  handlerFor({ protocol, hostname, port }: Target, { env, ca }: HandlerOptions): UndiciHttpHandler {
    if (ca !== this.#ca) this.#clear();
    this.#ca = ca;
    const proxy = proxyFor(new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`), env);
    const known = this.#handlers.get(proxy);
    if (known !== undefined) return known;
    const dispatcher = proxy === undefined ? this.#direct() : this.#through(proxy);
    const handler = new UndiciHttpHandler({ dispatcher });
    this.#handlers.set(proxy, handler);
    return handler;
  }

  #direct(): Dispatcher {
    return new Agent({ ...this.#timeouts, maxResponseSize: MAX_ANSWER_BYTES, connect: { ...this.#trust(), lookup } });
  }

  #through(proxy: string): Dispatcher {
    const timeouts = this.#timeouts;
    return new ProxyAgent({
      uri: proxy,
      ...timeouts,
      maxResponseSize: MAX_ANSWER_BYTES,
      requestTls: this.#trust(),
      proxyTls: { ...this.#trust(), lookup },
      // undici waits five minutes for a proxy's answer to CONNECT, and no signal ends that.
      clientFactory: (origin, options) => new Pool(origin, { ...options, ...timeouts }),
    });
  }

  #trust() {
    return this.#ca === undefined ? {} : { ca: this.#ca };
  }

  #clear(): void {
    for (const handler of this.#handlers.values()) handler.destroy();
    this.#handlers.clear();
  }
}
