/** From what a provider gave to credentials that may be served. Pure. */
import { type Credentials, checkCredentials } from "../credentials.ts";
import { answerRemedy } from "./answer-remedy.ts";
import { UpstreamFailure } from "./failure.ts";
import type { Plan } from "./plan.ts";
import type { Provided } from "./provided.ts";

/** `plan` is what gave the answer, unless STS did. Throws an `UpstreamFailure` (`malformed`). */
export function checkProvided({ answer, mayLast, ...known }: Provided, plan: Plan | undefined): Credentials {
  const result = checkCredentials(answer, { roleArn: undefined, ...known, unlimitedAllowed: mayLast });
  if (result.kind === "ok") return result.credentials;
  const remedy = plan === undefined ? undefined : answerRemedy(plan);
  throw new UpstreamFailure("malformed", `upstream's answer has no usable ${result.fault}`, { remedy });
}
