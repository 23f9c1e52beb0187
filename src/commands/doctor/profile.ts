/** Profiles that take their credentials from an endpoint: `credential_source` may lead back to the sidecar. */
import type { Env } from "../../edge.ts";
import type { Settings } from "../../settings/table.ts";
import { textOf } from "../../upstream/ini.ts";
import type { Plan } from "../../upstream/plan.ts";
import { namedProfile, resolveUpstream } from "../../upstream/resolve.ts";
import { readSharedFiles, type SharedFiles } from "../../upstream/shared-files.ts";

/** What a profile's credentials come from in the end. */
export interface ProfileSource {
  readonly profile: string;
  readonly kind: "container" | "imds";
  /** The profile's own address of IMDS, which counts when the variables name none. */
  readonly imdsEndpoint: string | undefined;
}

/** Of the profiles that the settings or the variables name; faults in them are upstream's to report. */
export async function profileSources(settings: Settings, env: Env): Promise<readonly ProfileSource[]> {
  const { upstream, profiles = [undefined] } = settings;
  const names = profiles.map((profile) => namedProfile(profile, env)).filter((name) => name !== undefined);
  const reads = upstream === "auto" || upstream === "assume-role" || upstream === "profile";
  if (names.length === 0 || !reads) return [];
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
