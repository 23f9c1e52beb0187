/** The transport of the AWS SDK inside the sidecar, for STS and SSO: bounded in time and bytes, and through proxies. */
import type { UndiciHttpHandler } from "@smithy/undici-http-handler";
import type { Env } from "../edge.ts";
import type { Bounds } from "./bounded-request.ts";
import { direct, keepingAgents } from "./direct.ts";
import { proxyFor } from "./proxies.ts";

export type SdkRequest = Parameters<UndiciHttpHandler["handle"]>[0];
export type SdkResponse = Awaited<ReturnType<UndiciHttpHandler["handle"]>>["response"];

export interface Transport
  extends Pick<UndiciHttpHandler, "destroy" | "updateHttpClientConfig" | "httpHandlerConfigs"> {
  readonly handle: (request: SdkRequest) => Promise<{ readonly response: SdkResponse }>;
}

/** Called with the time that the `Date` header of each answer gives, in ms since the epoch. */
export type OnDate = (date: number) => void;

export interface TransportOptions {
  /** The proxy variables. */
  readonly env: Env;
  /** Certificates to trust instead of Node's, in PEM (`AWS_CA_BUNDLE`). */
  readonly ca: string | undefined;
}

export interface Transports {
  /** A transport whose requests end when `signal` aborts: the SDK passes none to its own clients. */
  readonly during: (signal: AbortSignal, options: TransportOptions) => Transport;
}

/**
 * A hanging STS, or proxy on the way to it, fails within the credential cache's time-out for one attempt (15 s).
 *
 * An STS answer has about 3 KB, and twice the longest session token that is served (64 KiB) at most. The SDK's XML
 * parser takes far more memory than the text: 1 MiB of `&lt;` exhausts the image's heap.
 */
const BOUNDS: Bounds = { connectMs: 3_000, idleMs: 8_000, maxBytes: 131_072 };

/**
 * Reports the dates because an error of the SDK carries its answer, but credentials do not. undici comes with the first
 * request through a proxy: it is a third of what would be loaded, and nobody else needs it.
 */
export function createTransports(onDate: OnDate, bounds: Bounds = BOUNDS): Transports {
  const agents = keepingAgents();
  const handlers = new Map<string, UndiciHttpHandler>();
  const handlerFor = async (proxy: string, ca: string | undefined) => {
    const { proxied } = await import("./proxied.ts");
    const key = `${proxy} ${ca ?? ""}`;
    const known = handlers.get(key);
    if (known !== undefined) return known;
    // Certificates are replaced now and then: connections that trust the old ones end.
    for (const handler of handlers.values()) handler.destroy();
    handlers.clear();
    const handler = proxied(proxy, ca, bounds);
    handlers.set(key, handler);
    return handler;
  };
  const ask = async (request: SdkRequest, signal: AbortSignal, { env, ca }: TransportOptions): Promise<SdkResponse> => {
    const proxy = proxyFor(originOf(request), env);
    if (proxy === undefined) return await direct(request, { signal, ca, agents, bounds });
    return (await (await handlerFor(proxy, ca)).handle(request, { abortSignal: signal })).response;
  };
  return {
    during: (signal, options) => ({
      async handle(request) {
        const response = await ask(request, signal, options);
        const date = Date.parse(response.headers.date ?? "");
        if (!Number.isNaN(date)) onDate(date);
        return { response };
      },
      // The connections are kept for the attempt's next call, whose SDK client is another.
      destroy() {},
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    }),
  };
}

function originOf({ protocol, hostname, port }: SdkRequest): URL {
  return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}`);
}
