/** Variables and profiles that lead the sidecar back to itself. Pure. */
import { profileWaysBack, type WayBack, waysBack } from "../../settings/self-reference.ts";
import type { Finding } from "./finding.ts";
import type { VariableInput } from "./variables.ts";

/** A variable by which the sidecar would ask itself. */
export function leadsBack({ env, aws, settings, whose }: VariableInput): readonly Finding[] {
  return whose === "own" ? waysBack(settings, aws).map((way) => finding(way, "uri-leads-back", env)) : [];
}

/** `credential_source` of a profile. */
export function profileLeadsBack({ env, aws, settings, whose, profileSources }: VariableInput): readonly Finding[] {
  if (whose === "application") return [];
  return profileWaysBack(settings, aws, profileSources).map((way) => finding(way, "profile-leads-back", env));
}

function finding(way: WayBack, code: string, env: VariableInput["env"]): Finding {
  const { name, address, text, remedy, ...more } = way;
  return {
    severity: "problem",
    code,
    facts: { ...more, variable: name, address },
    text: `${text}, which would ask itself`,
    remedy,
    line: name in env ? `unset ${name}` : undefined,
  };
}
