/** The transport of the AWS SDK inside the sidecar, for STS and SSO. */
import type { UndiciHttpHandler } from "@smithy/undici-http-handler";

export type Transport = Pick<UndiciHttpHandler, "handle" | "destroy" | "updateHttpClientConfig" | "httpHandlerConfigs">;

/** Tells, of each answer, the time that its `Date` header gives, in ms since the epoch. */
export type OnDate = (date: number) => void;

/**
 * Tells the dates because an error of the SDK carries its answer, but credentials do not. undici comes with the first
 * request: it is a large part of what is loaded, and container endpoints, IMDS and files are read without it.
 */
export function createTransport(onDate: OnDate): Transport {
  let handler: Promise<UndiciHttpHandler> | undefined;
  return {
    async handle(...given) {
      handler ??= import("./undici-handler.ts").then(({ createUndiciHandler }) => createUndiciHandler());
      const answer = await (await handler).handle(...given);
      const date = Date.parse(answer.response.headers.date ?? "");
      if (!Number.isNaN(date)) onDate(date);
      return answer;
    },
    // The connections are kept for the next renewal, whose SDK client is another.
    destroy() {},
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}
