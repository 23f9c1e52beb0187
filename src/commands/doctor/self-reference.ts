/** Variables and profiles that lead the sidecar back to itself. Pure. */
import { waysBack } from "../../settings/self-reference.ts";
import type { Finding } from "./finding.ts";
import type { VariableInput } from "./variables.ts";

/** A variable by which the sidecar would ask itself. */
export function leadsBack({ env, aws, settings, whose }: VariableInput): readonly Finding[] {
  if (whose !== "own") return [];
  return waysBack(settings, aws).map(({ name, address }) => ({
    severity: "problem",
    code: "uri-leads-back",
    facts: { variable: name, address },
    text: `${name} leads back to this sidecar (${address}), which would ask itself`,
    remedy: "set it on the application's container, not on the sidecar's",
    line: name in env ? `unset ${name}` : undefined,
  }));
}

/** `credential_source` of a profile, which the settings' own check does not read. */
export function profileLeadsBack({ env, aws, settings, whose, profileSources }: VariableInput): readonly Finding[] {
  const known = whose === "own" ? waysBack(settings, aws).map(({ name }) => name) : [];
  if (whose === "application") return [];
  return profileSources.flatMap(({ profile, kind, imdsEndpoint }) => {
    const fromProfile = imdsEndpoint && { name: "ec2_metadata_service_endpoint", value: imdsEndpoint };
    const endpoint = aws.imdsEndpoint ?? (fromProfile || undefined);
    const ways = waysBack({ ...settings, upstream: kind }, { ...aws, imdsEndpoint: endpoint });
    return ways
      .filter(({ name }) => !known.includes(name))
      .map(({ name, address }) => ({
        severity: "problem",
        code: "profile-leads-back",
        facts: { profile, variable: name, address },
        text: `The profile ${JSON.stringify(profile)} takes its credentials from ${kind === "imds" ? "IMDS" : "the container endpoint"} (credential_source), and ${name} leads back to this sidecar (${address}), which would ask itself`,
        remedy: "set it on the application's container only, or give the profile another source",
        line: name in env ? `unset ${name}` : undefined,
      }));
  });
}
