/** Carries a plan out: one attempt to get an identity's credentials. */
import type { Clock } from "../edge.ts";
import { fetchContainer } from "./container.ts";
import { environmentKeys } from "./environment-keys.ts";
import { readTextFile } from "./files.ts";
import { fetchImds } from "./imds.ts";
import type { Section } from "./ini.ts";
import type { WebIdentityPlan } from "./own-plans.ts";
import type { AssumeRolePlan, Plan } from "./plan.ts";
import { fault } from "./profile-fault.ts";
import type { Provided } from "./provided.ts";
import { type ClientInput, clientConfig, loadSdk, silent, stsClientConfig } from "./sdk-providers.ts";
import type { AssumeRoleExtras, Session } from "./session.ts";
import { fetchLogin, fetchSso } from "./sso.ts";
import { stsConfig } from "./sts-config.ts";
import type { AskSts } from "./sts-regions.ts";

export interface PlanInput extends ClientInput {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The identity's own profile, which says how STS and IMDS are asked. */
  readonly profile: Section | undefined;
  readonly services: ReadonlyMap<string, Section>;
  /** The name of sessions whose profile names none. */
  readonly sessionName: string;
  /** Makes each call to STS, in the region whose turn it is. */
  readonly askSts: AskSts;
  /** Certificates to trust instead of Node's, in PEM. */
  readonly ca: string | undefined;
}

/** Rejects with the original error, which the credential cache classifies. */
export async function runPlan(plan: Plan, input: PlanInput): Promise<Provided> {
  const { env, clock, signal, profile, ca } = input;
  switch (plan.kind) {
    case "keys":
      return { answer: plan.answer, mayLast: true };
    case "environment":
      return environmentKeys(env, clock.now());
    case "container":
      return await fetchContainer(env, signal, ca);
    case "imds":
      return await fetchImds({ env, profile, signal });
    case "process":
      // node:child_process takes memory, so it is loaded only when there is a program to run.
      return await (await import("./process.ts")).fetchProcess({ plan, env, clock, signal });
    case "sso":
    case "login": {
      const login = { env, now: clock.now(), sdk: await loadSdk(), clientConfig: clientConfig(input) };
      return plan.kind === "sso" ? await fetchSso(plan, login) : await fetchLogin(plan, login);
    }
    case "web-identity":
      return await assumeByToken(plan, input, {});
    case "assume-role":
      return await assumeFrom(plan, input);
  }
}

/** AssumeRoleWithWebIdentity; `session` holds its other parameters besides the name. */
export async function assumeByToken(
  { roleArn, tokenFile, what, sessionName }: WebIdentityPlan,
  input: PlanInput,
  session: Partial<Session>,
): Promise<Provided> {
  const webIdentityToken = (await readTextFile(tokenFile, what)).trim();
  if (webIdentityToken === "") throw fault(`${what}: ${tokenFile} is empty`, { path: tokenFile, variable: what });
  const { DurationSeconds: durationSeconds, Policy: policy, PolicyArns: policyArns } = session;
  const sdk = await loadSdk();
  return await input.askSts(stsConfig({ ...input, roleArn }), async (config) => {
    const provider = sdk.fromWebToken({
      clientConfig: stsClientConfig(input, config),
      logger: silent,
      roleArn,
      webIdentityToken,
      roleSessionName: sessionName ?? input.sessionName,
      ...(durationSeconds !== undefined && { durationSeconds }),
      ...(policy !== undefined && { policy }),
      ...(policyArns !== undefined && { policyArns }),
    });
    return { answer: await provider(), roleArn, mayLast: false };
  });
}

async function assumeFrom(plan: AssumeRolePlan, input: PlanInput): Promise<Provided> {
  const { roleArn, sessionName, externalId, durationSeconds, source } = plan;
  const session = {
    RoleSessionName: sessionName ?? input.sessionName,
    ...(durationSeconds !== undefined && { DurationSeconds: durationSeconds }),
    ...(externalId !== undefined && { ExternalId: externalId }),
  };
  return await assumeRole(roleArn, session, await runPlan(source, input), input);
}

/** AssumeRole with the credentials of `source`, which are checked by STS. */
export async function assumeRole(
  roleArn: string,
  session: Partial<Session> & AssumeRoleExtras,
  { answer }: Provided,
  input: PlanInput,
): Promise<Provided> {
  const { accessKeyId, secretAccessKey, sessionToken } = answer;
  const sdk = await loadSdk();
  return await input.askSts(stsConfig({ ...input, roleArn }), async (config) => {
    const provider = sdk.fromTemporaryCredentials({
      masterCredentials: signingKeys(accessKeyId, secretAccessKey, sessionToken),
      params: { RoleArn: roleArn, ...session },
      clientConfig: stsClientConfig(input, config),
      logger: silent,
    });
    return { answer: await provider(), roleArn, mayLast: false };
  });
}

/** The expiration is left out: an SDK client asks for new credentials when it is near, and there are none. */
function signingKeys(accessKeyId: unknown, secretAccessKey: unknown, sessionToken: unknown) {
  return {
    accessKeyId: String(accessKeyId ?? ""),
    secretAccessKey: String(secretAccessKey ?? ""),
    ...(typeof sessionToken === "string" && sessionToken !== "" && { sessionToken }),
  };
}
