/** Where `credential_source` of a profile points: the words are botocore's. Pure. */
import { fault, quoted } from "./profile-fault.ts";

export interface SourcePlan {
  readonly kind: "environment" | "container" | "imds";
}

const SOURCES: Readonly<Record<string, SourcePlan>> = {
  Environment: { kind: "environment" },
  EcsContainer: { kind: "container" },
  Ec2InstanceMetadata: { kind: "imds" },
};

/** The plan of a `credential_source`; undefined for a word that is not botocore's. */
export function knownSource(source: string): SourcePlan | undefined {
  return Object.hasOwn(SOURCES, source) ? SOURCES[source] : undefined;
}

/** The same. Throws an `UpstreamFailure` (`not-configured`) for any other word. */
export function sourcePlan(name: string, source: string): SourcePlan {
  const plan = knownSource(source);
  if (plan !== undefined) return plan;
  throw fault(`credential_source of the profile ${quoted(name)} is not one of ${Object.keys(SOURCES).join(", ")}`, {
    profile: name,
    setting: "credential_source",
  });
}
