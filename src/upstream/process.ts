/**
 * Gets credentials from a `credential_process`. The SDK has a provider for it, but it cuts the command line at ` #` and
 * ` ;`, fails when the program writes more than 1 MB to stderr, and leaves a program that hangs running for ever.
 */
import { programRemedy } from "./answer-remedy.ts";
import { classify } from "./classify.ts";
import { expirationOf } from "./expiration.ts";
import { UpstreamFailure } from "./failure.ts";
import { jsonObject } from "./json-object.ts";
import type { ProcessPlan } from "./own-plans.ts";
import type { Provided } from "./provided.ts";
import { type Ended, type ProgramInput, runProgram } from "./run-program.ts";

export interface ProcessInput extends Omit<ProgramInput, "command"> {
  readonly plan: ProcessPlan;
}

/** Settles when the program has ended, and not before: two of them never run at once. */
export async function fetchProcess(input: ProcessInput): Promise<Provided> {
  const { plan, clock } = input;
  const { status, output, errors } = await runProgram({ ...input, command: plan.command });
  if (status !== 0) throw programFailure({ status, errors, profile: plan.profile, now: clock.now() });
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = parse(output, plan);
  if (Version !== 1) throw badOutput("malformed", plan, "did not print Version 1");
  const expiration = expirationOf(Expiration || undefined);
  if (expiration !== undefined && expiration.getTime() <= clock.now()) {
    throw badOutput("expired", plan, "printed credentials that have expired");
  }
  return {
    answer: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken || undefined,
      expiration,
      accountId: AccountId || plan.accountId,
    },
    mayLast: true,
    fromProgram: true,
  };
}

interface ProgramFailure extends Pick<Ended, "status" | "errors"> {
  readonly profile: string;
  readonly now: number;
}

/** What a shell ends with when a program cannot be executed, and when there is none (POSIX, 2.8.2). */
const CANNOT_BE_EXECUTED = 126;
const NOT_FOUND = 127;

function programFailure({ status, errors, profile, now }: ProgramFailure): UpstreamFailure {
  const program = programOf(profile);
  const subject = { profile, setting: "credential_process" };
  if (status === NOT_FOUND || status === CANNOT_BE_EXECUTED) {
    const fault = status === NOT_FOUND ? "was not found" : "cannot be executed";
    const remedy = `put the program of ${program} into the sidecar's container, executable, or correct its path`;
    return new UpstreamFailure("not-configured", `${program} ${fault}`, { subject, remedy });
  }
  // The SDK's sentence; what the program says may name the network error that it met.
  const { kind, upstreamCode } = classify(new Error(`Command failed: ended with ${status}\n${errors}`), now);
  const message = `${program} ended with ${status}`;
  return new UpstreamFailure(kind, message, { upstreamCode, subject, remedy: programRemedy(profile) });
}

function programOf(profile: string): string {
  return `credential_process of the profile ${JSON.stringify(profile)}`;
}

function badOutput(kind: "malformed" | "expired", { profile }: ProcessPlan, fault: string): UpstreamFailure {
  const subject = { profile, setting: "credential_process" };
  return new UpstreamFailure(kind, `${programOf(profile)} ${fault}`, { subject, remedy: programRemedy(profile) });
}

function parse(output: string, plan: ProcessPlan): Readonly<Record<string, unknown>> {
  const document = jsonObject(output);
  if (document === undefined) throw badOutput("malformed", plan, "printed no JSON object");
  return document;
}
