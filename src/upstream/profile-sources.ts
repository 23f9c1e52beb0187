/** Profiles that take their credentials from an endpoint: `credential_source` may lead back to the sidecar. */
import type { Env } from "../edge.ts";
import type { ProfileSource } from "../settings/self-reference.ts";
import type { Settings } from "../settings/table.ts";
import { areKeysConfigured } from "./environment-keys.ts";
import { textOf } from "./ini.ts";
import type { Plan } from "./plan.ts";
import { namedProfile, resolveUpstream } from "./resolve.ts";
import { readSharedFiles, type SharedFiles } from "./shared-files.ts";

/** Of the profiles that are in use; faults in them are upstream's to report. */
export async function profileSources(settings: Settings, env: Env): Promise<readonly ProfileSource[]> {
  const { upstream, profiles = [undefined] } = settings;
  const isChain = upstream === "auto" || upstream === "assume-role";
  if (!isChain && upstream !== "profile") return [];
  // In the chain, keys of the environment come before a `default` that nobody named.
  const unnamed = isChain && areKeysConfigured(env) ? [] : ["default"];
  const names = profiles.flatMap((profile) => namedProfile(profile, env) ?? unnamed);
  try {
    const files = await readSharedFiles(env);
    return names.flatMap((profile) => sourceOf(profile, { settings, env, files }));
  } catch {
    return [];
  }
}

interface Surroundings {
  readonly settings: Settings;
  readonly env: Env;
  readonly files: SharedFiles;
}

function sourceOf(profile: string, { settings, env, files }: Surroundings): readonly ProfileSource[] {
  try {
    const { plan } = resolveUpstream({ kind: "profile", profile, settings, env, files });
    const { kind } = baseOf(plan);
    if (kind !== "container" && kind !== "imds") return [];
    return [{ profile, kind, imdsEndpoint: textOf(files.profiles.get(profile), "ec2_metadata_service_endpoint") }];
  } catch {
    return [];
  }
}

function baseOf(plan: Plan): Plan {
  return plan.kind === "assume-role" ? baseOf(plan.source) : plan;
}
