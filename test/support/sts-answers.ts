/** STS as it answers on the wire (AWS query protocol). */
import { systemClock } from "../../src/edge.ts";
import { formatTime, HOUR } from "../../src/time.ts";
import type { FakeAnswer } from "./fake-http.ts";

export const ROLE = "arn:aws:iam::123456789012:role/team/app";

export const STATIC_KEYS = {
  AWS_ACCESS_KEY_ID: "AKIAFAKE000000000000",
  AWS_SECRET_ACCESS_KEY: "fake-static-secret",
};

export interface StsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** As STS writes it; left out when undefined. */
  readonly expiration: string | undefined;
}

const XML = { "Content-Type": "text/xml" };

let issued = 0;

/** A session that looks fake, an hour long unless told. */
export function stsSession(given: Partial<StsCredentials> = {}): StsCredentials {
  issued += 1;
  return {
    accessKeyId: `ASIAFAKESTS${String(issued).padStart(9, "0")}`,
    secretAccessKey: `fake-sts-secret-${issued}`,
    sessionToken: `fake-sts-token-${issued}`,
    expiration: inAnHour(),
    ...given,
  };
}

/** As AWS writes it. */
export function inAnHour(): string {
  return formatTime(systemClock.now() + HOUR);
}

/** The answer to either call; `account` is that of the role. */
export function stsAnswer(action: string, given: StsCredentials, account = "123456789012"): FakeAnswer {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = given;
  const body = `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
    <AssumedRoleUser><AssumedRoleId>AROAFAKE:session</AssumedRoleId>
      <Arn>arn:aws:sts::${account}:assumed-role/app/session</Arn></AssumedRoleUser>
    <Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>
      <SessionToken>${sessionToken}</SessionToken>
      ${expiration === undefined ? "" : `<Expiration>${expiration}</Expiration>`}</Credentials>
    </${action}Result><ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata></${action}Response>`;
  return { headers: XML, body };
}

export function stsError(status: number, code: string, message: string, headers = {}): FakeAnswer {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
    <Code>${code}</Code><Message>${message}</Message></Error><RequestId>fake</RequestId></ErrorResponse>`;
  return { status, headers: { ...XML, ...headers }, body };
}

/** The call in a request's form body. */
export function actionOf(body: string): string {
  return new URLSearchParams(body).get("Action") ?? "none";
}
