/** The HTTP transport of the AWS SDK inside the sidecar: proxies, time-outs and a bound on answers. */
import { UndiciHttpHandler } from "@smithy/undici-http-handler";
import { EnvHttpProxyAgent } from "undici";

/** With these a hanging STS fails within the keeper's time-out for one attempt (15 s). */
const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 8_000;

/** An STS answer has about 3 KB; anything near this is not one. */
const MAX_ANSWER_BYTES = 1_048_576;

export type Transport = UndiciHttpHandler;

/** Tells, of each answer, the time that its `Date` header gives, in ms since the epoch. */
export type OnDate = (date: number) => void;

/** Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` from the environment, as undici defines them. */
export function createTransport(onDate: OnDate): Transport {
  return new DatedTransport(onDate, {
    dispatcher: new EnvHttpProxyAgent({
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      maxResponseSize: MAX_ANSWER_BYTES,
    }),
  });
}

/** An error of the SDK carries its answer, but credentials do not. */
class DatedTransport extends UndiciHttpHandler {
  readonly #onDate: OnDate;

  constructor(onDate: OnDate, options: ConstructorParameters<typeof UndiciHttpHandler>[0]) {
    super(options);
    this.#onDate = onDate;
  }

  override async handle(...given: Parameters<UndiciHttpHandler["handle"]>): ReturnType<UndiciHttpHandler["handle"]> {
    const answer = await super.handle(...given);
    const date = Date.parse(answer.response.headers.date ?? "");
    if (!Number.isNaN(date)) this.#onDate(date);
    return answer;
  }
}
