/** The IMDS protocol beyond the credential document: sessions, the role's name, and the few facts that are known. */

import type { CachedCredentials } from "../cache/cached-credentials.ts";
import { parseRoleArn } from "../credentials.ts";
import type { Refusal } from "../refusals.ts";
import { formatTime } from "../time.ts";
import { type Answer, json, renderError, renderText, roleName } from "./documents.ts";
import type { Headers } from "./guards.ts";
import type { ImdsFact } from "./routes.ts";
import type { SessionTokens } from "./session-token.ts";

const TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds";

/** `PUT /latest/api/token`. Without the TTL echoed, Go v2 falls back to v1, and Rust, Kotlin, Swift and Go v1 fail. */
export function openSession(sessions: SessionTokens, { sessionTokenTtl }: Headers): Answer {
  const token = sessions.issue(sessionTokenTtl);
  if (token !== undefined) return renderText(200, token, [TTL_HEADER, sessionTokenTtl ?? ""]);
  return renderError(400, "BadSessionTtl", `${TTL_HEADER} must be a whole number from 1 to 21600`);
}

const NO_SESSION: Refusal = { reason: "session-token" };

/** Refuses a GET without a session token in v2, and one with a wrong token in both versions; otherwise undefined. */
export function checkSession(
  sessions: SessionTokens,
  mode: "v1" | "v2",
  { sessionToken }: Headers,
): Refusal | undefined {
  if (sessionToken === undefined) return mode === "v1" ? undefined : NO_SESSION;
  return sessions.isValid(sessionToken) ? undefined : NO_SESSION;
}

/** One line without a newline: botocore, Rust, Kotlin, the CRT and PHP append it to the path as it is. */
export function roleList(identity: string, { credentials }: CachedCredentials): Answer {
  return renderText(200, roleName(identity, credentials));
}

/** What is known about the place, from the AWS variables. */
export interface ImdsFacts {
  readonly region: string | undefined;
}

/** A fact that a client asks for, or 404 with the variable that would let it do without. */
export function imdsFact(fact: ImdsFact, { region }: ImdsFacts, cached: CachedCredentials | undefined): Answer {
  switch (fact) {
    case "region":
      return region === undefined ? NO_REGION : renderText(200, region);
    case "identity-document": {
      const accountId = cached?.credentials.accountId;
      if (region === undefined) return NO_REGION;
      return json(200, { region, ...(accountId === undefined ? {} : { accountId }) });
    }
    case "info":
      return info(cached);
    case "availability-zone":
      return NO_ZONE;
  }
}

const unknownFact = (message: string): Answer => renderError(404, "UnknownFact", message);
const NO_REGION = unknownFact("the region is not known here; set AWS_REGION on both containers");
const NO_ZONE = unknownFact(
  "the availability zone is never known here; a client that wants the region needs AWS_REGION",
);
const NO_PROFILE = unknownFact(
  "the instance profile is not known: upstream did not say which role it is, or gave nothing yet",
);

function info(cached: CachedCredentials | undefined): Answer {
  const role = parseRoleArn(cached?.credentials.roleArn);
  if (cached === undefined || role === undefined) return NO_PROFILE;
  const { partition, accountId, roleName: name } = role;
  return json(200, {
    Code: "Success",
    LastUpdated: formatTime(cached.obtainedAt),
    InstanceProfileArn: `arn:${partition}:iam::${accountId}:instance-profile/${name}`,
  });
}
