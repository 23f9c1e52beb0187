/** The JSON document of the container protocol and of IMDS. Pure. */
import { expirationOf } from "./expiration.ts";
import { UpstreamFailure } from "./failure.ts";
import { jsonObject } from "./json-object.ts";
import type { NearbyResponse } from "./nearby-request.ts";
import type { Provided } from "./provided.ts";

/** An error code as AWS writes them: nothing else of an answer is repeated. */
const CODE = /^[A-Z][A-Za-z]{2,47}$/;

/**
 * The credentials in an answer. Throws what says the status, or an `UpstreamFailure`: `denied` when the document itself
 * says that there are no credentials, as IMDS does with status 200 (`AssumeRoleUnauthorizedAccess`).
 */
export function readDocument(response: NearbyResponse): Provided {
  const { status, body } = response;
  if (status !== 200) throw statusError(response);
  const document = jsonObject(body);
  if (document === undefined) throw new UpstreamFailure("malformed", "upstream's answer is no credentials document");
  const { Code, AccessKeyId, SecretAccessKey, Token, Expiration, AccountId, RoleArn } = document;
  if (typeof Code === "string" && CODE.test(Code) && Code !== "Success") {
    throw new UpstreamFailure("denied", `upstream answered ${Code} instead of credentials`, { upstreamCode: Code });
  }
  if (typeof Token !== "string")
    throw new UpstreamFailure("malformed", "upstream's answer has no usable session token");
  const answer = {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: Token,
    expiration: expirationOf(Expiration),
    accountId: AccountId,
  };
  return { answer, roleArn: typeof RoleArn === "string" ? RoleArn : undefined, mayLast: false };
}

/** For any status but 200, with the code that the body may hold. */
export function statusError({ status, headers, body }: NearbyResponse): Error {
  const { Code, code } = jsonObject(body) ?? {};
  return Object.assign(new Error(`HTTP status ${status}`), {
    statusCode: status,
    Code: Code ?? code,
    $response: { headers },
  });
}
