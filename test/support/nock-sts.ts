import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import nock from "nock";
import { useEnvironment, type Variables } from "./environment.ts";
import type { FakeAnswer } from "./fake-http.ts";
import { ROLE, STATIC_KEYS } from "./sts-answers.ts";

nock.disableNetConnect();

/** One call of STS as it left the process. */
export interface StsCall {
  readonly url: string;
  readonly headers: Headers;
  readonly form: Readonly<Record<string, string>>;
}

/** What STS does: an answer, a failure of the network, or an answer that comes when the test lets it. */
export type StsReply = FakeAnswer | Error | Promise<FakeAnswer>;

/** Answers every call of STS, whatever the endpoint, until the test ends. Gives the calls, in order. */
export function nockSts(t: TestContext, reply: (call: StsCall, number: number) => StsReply): readonly StsCall[] {
  const calls: StsCall[] = [];
  const answer = async (request: Request) => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    const call = { url: request.url, headers: request.headers, form };
    calls.push(call);
    const replied = await reply(call, calls.length);
    if (replied instanceof Error) throw replied;
    return [replied.status ?? 200, replied.body ?? "", replied.headers ?? {}] as const;
  };
  nock(/^https:\/\/sts\b/)
    .persist()
    .post("/")
    .reply(answer);
  t.after(() => nock.cleanAll());
  return calls;
}

export type StsAction = "AssumeRole" | "AssumeRoleWithWebIdentity";
export const stsActions: readonly StsAction[] = ["AssumeRole", "AssumeRoleWithWebIdentity"];

export interface StsScene {
  /** The flags of a sidecar that makes this call. */
  readonly flags: readonly string[];
  readonly tokenFile: string;
}

/** An environment from which a sidecar with these flags makes the one call and no other. */
export function prepareSts(t: TestContext, action: StsAction, given: Variables = {}): StsScene {
  const { home } = useEnvironment(t, { AWS_REGION: "eu-west-1", ...given });
  const tokenFile = join(home, "token");
  writeFileSync(tokenFile, "fake-web-identity-1");
  if (action === "AssumeRole") {
    Object.assign(process.env, STATIC_KEYS);
    return { flags: ["--upstream=environment", `--role-arn=${ROLE}`], tokenFile };
  }
  Object.assign(process.env, { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile });
  return { flags: ["--upstream=web-identity"], tokenFile };
}
