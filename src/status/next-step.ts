/** What to write or to run first when upstream fails, where one line is enough. Pure. */
import { parseRoleArn } from "../credentials.ts";
import type { Step } from "../upstream/code-row.ts";
import type { Configured } from "./configured.ts";
import type { FailureStatus } from "./status.ts";

export interface NextStepInput {
  readonly failure: Pick<FailureStatus, "kind" | "upstreamCode" | "step"> | undefined;
  readonly cached?: { readonly roleArn: string | undefined } | undefined;
  readonly configured: Configured;
}

/** The failure's own; else what its role gives. Only STS can be asked for longer sessions, and only a role has a trust policy. */
export function nextStep({ failure, cached, configured }: NextStepInput): Step {
  const roleArn = configured.roleArn ?? cached?.roleArn;
  if (failure === undefined) return {};
  const { kind, upstreamCode, step } = failure;
  if (step.line !== undefined || step.command !== undefined || roleArn === undefined) return step;
  const name = parseRoleArn(roleArn)?.roleName;
  const isTrust = kind === "denied" && /^(?:AccessDenied.*)?$/.test(upstreamCode ?? "");
  if (isTrust && name !== undefined && /^[\w+=,.@-]+$/.test(name))
    return { command: `aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument` };
  if (kind === "throttled" && configured.roleArn !== undefined) return { line: "SIDECAR_DURATION=4h" };
  return {};
}
