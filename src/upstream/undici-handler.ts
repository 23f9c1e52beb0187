/** How STS and SSO are asked: through proxies, with time-outs and a bound on answers. */
import { UndiciHttpHandler } from "@smithy/undici-http-handler";
import { EnvHttpProxyAgent, Pool } from "undici";

/** How long STS, or a proxy on the way to it, may take; in ms. */
export interface Patience {
  readonly connectTimeout: number;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/** With these a hanging STS fails within the credential cache's time-out for one attempt (15 s). */
const PATIENCE: Patience = { connectTimeout: 3_000, headersTimeout: 8_000, bodyTimeout: 8_000 };

/** An STS answer has about 3 KB; anything near this is not one. */
const MAX_ANSWER_BYTES = 1_048_576;

/** Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` from the environment, as undici defines them. */
export function createUndiciHandler(patience = PATIENCE): UndiciHttpHandler {
  return new UndiciHttpHandler({
    dispatcher: new EnvHttpProxyAgent({
      ...patience,
      maxResponseSize: MAX_ANSWER_BYTES,
      // undici waits five minutes for a proxy's answer to CONNECT, and no signal ends that.
      clientFactory: (proxy, options) => new Pool(proxy, { ...options, ...patience }),
    }),
  });
}
