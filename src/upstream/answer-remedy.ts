/** What to do about credentials that cannot be used, where somebody wrote them or a program printed them. Pure. */
import type { Plan } from "./plan.ts";
import { quoted } from "./profile-fault.ts";

const NO_PART = "quotes, blanks and line breaks are no part of a key";

/** Undefined for what a service answered. */
export function answerRemedy(plan: Plan): string | undefined {
  switch (plan.kind) {
    case "keys":
      return `correct the keys of the profile ${quoted(plan.profile)} in the shared AWS files: ${NO_PART}`;
    case "environment":
      return `correct AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the sidecar's environment: ${NO_PART}`;
    case "process":
      return programRemedy(plan.profile);
    default:
      return undefined;
  }
}

/** For a `credential_process` that fails, or that prints what cannot be used. */
export function programRemedy(profile: string): string {
  return `run credential_process of the profile ${quoted(profile)} by hand in the sidecar's container, and look at what it prints`;
}
