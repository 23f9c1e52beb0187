/** The transport of the AWS SDK inside the sidecar, for STS and SSO. */
import type { UndiciHttpHandler } from "@smithy/undici-http-handler";
import type { HandlerOptions } from "./undici-handler.ts";

export type Transport = Pick<UndiciHttpHandler, "handle" | "destroy" | "updateHttpClientConfig" | "httpHandlerConfigs">;

/** Called with the time that the `Date` header of each answer gives, in ms since the epoch. */
export type OnDate = (date: number) => void;

export interface Transports {
  /** A transport whose requests end when `signal` aborts: the SDK passes none to its own clients. */
  readonly during: (signal: AbortSignal, options: HandlerOptions) => Transport;
}

/**
 * Reports the dates because an error of the SDK carries its answer, but credentials do not. undici comes with the first
 * request: it is a large part of what is loaded, and container endpoints, IMDS and files are read without it.
 */
export function createTransports(onDate: OnDate): Transports {
  const loading = () => import("./undici-handler.ts").then(({ HandlerPool }) => new HandlerPool());
  let pool: ReturnType<typeof loading> | undefined;
  return {
    during: (signal, options) => ({
      async handle(request) {
        pool ??= loading();
        const handler = (await pool).handlerFor(request, options);
        const answer = await handler.handle(request, { abortSignal: signal });
        const date = Date.parse(answer.response.headers.date ?? "");
        if (!Number.isNaN(date)) onDate(date);
        return answer;
      },
      // The connections are kept for the next refresh, whose SDK client is another.
      destroy() {},
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    }),
  };
}
