/** How STS and SSO are asked: through proxies, with time-outs and a bound on answers. */
import { UndiciHttpHandler } from "@smithy/undici-http-handler";
import { EnvHttpProxyAgent } from "undici";

/** With these a hanging STS fails within the keeper's time-out for one attempt (15 s). */
const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 8_000;

/** An STS answer has about 3 KB; anything near this is not one. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` from the environment, as undici defines them. */
export function createUndiciHandler(): UndiciHttpHandler {
  return new UndiciHttpHandler({
    dispatcher: new EnvHttpProxyAgent({
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
    }),
  });
}
