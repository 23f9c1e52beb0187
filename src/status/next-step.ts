/** What to write or to run first when upstream fails, where one line is enough. Pure. */
import { parseRoleArn } from "../credentials.ts";
import type { IdentityStatus } from "./status.ts";

export interface NextStep {
  /** For the pod's manifest, as `NAME=value`. */
  readonly line?: string;
  /** For a shell. */
  readonly command?: string;
}

/** Only STS can be asked for longer sessions, and only a role has a trust policy. */
export function nextStep({ failure, cached, configured }: IdentityStatus): NextStep {
  const roleArn = configured.roleArn ?? cached?.roleArn;
  if (failure === undefined || roleArn === undefined) return {};
  const name = parseRoleArn(roleArn)?.roleName;
  if (failure.kind === "denied" && name !== undefined && /^[\w+=,.@-]+$/.test(name))
    return { command: `aws iam get-role --role-name ${name} --query Role.AssumeRolePolicyDocument` };
  if (failure.kind === "throttled" && configured.roleArn !== undefined) return { line: "SIDECAR_DURATION=4h" };
  return {};
}
