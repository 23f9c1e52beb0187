/** Checks settings against each other and against the AWS variables. Pure. */
import type { AwsVariables } from "./aws-variables.ts";
import { exposedWithoutToken, imdsWithToken, nodePeers, tokenInArguments } from "./exposure.ts";
import { fallbackRegionConflicts } from "./fallback-regions.ts";
import { minimumLifetimeConflict, minimumLifetimeOutOfReach } from "./lifetimes.ts";
import { type Caution, named, type SettingsProblem } from "./problems.ts";
import { badProxies } from "./proxies.ts";
import type { Resolution, Resolved } from "./resolve.ts";
import { badRoleArn, missingRole, profileConflicts, settingsWithoutRole, tagConflicts } from "./roles.ts";
import { conflictOf, waysBack } from "./self-reference.ts";
import { stateFileConflicts } from "./state-file.ts";

export interface CrossCheck {
  readonly problems: readonly SettingsProblem[];
  readonly cautions: readonly Caution[];
}

/**
 * Every problem at once: those of single settings, and the contradictions between the settings that could be read. A
 * contradiction that names one whose value is not known may not be one.
 */
export function checkAll(resolution: Resolution): CrossCheck {
  if (resolution.kind === "ok") return crossCheck(resolution);
  const { problems, readable, unread } = resolution;
  const isKnown = ({ message }: SettingsProblem) => !unread.some((name) => message.includes(named(name)));
  return { problems: [...problems, ...crossCheck(readable).problems.filter(isKnown)], cautions: [] };
}

/** Reports every contradiction and every caution at once. */
export function crossCheck({ settings, sources, aws }: Resolved): CrossCheck {
  const conflicts = [
    ...exposedWithoutToken(settings),
    ...nodePeers(settings),
    ...missingRole(settings, aws),
    ...settingsWithoutRole(settings),
    ...tagConflicts(settings),
    ...fallbackRegionConflicts(settings, aws),
    ...profileConflicts(settings),
    ...waysBack(settings, aws).map(conflictOf),
    ...minimumLifetimeConflict(settings, sources),
    ...imdsWithToken(settings, sources),
    ...stateFileConflicts(settings, sources),
  ].map((message): SettingsProblem => ({ code: "Conflict", message }));
  return {
    problems: [...conflicts, ...badRoleArn(settings, aws), ...badProxies(settings, aws)],
    cautions: [...minimumLifetimeOutOfReach(settings, sources), ...tokenInArguments(sources), ...relativeUriWins(aws)],
  };
}

/** The SDKs read the relative URI first when both are set. */
function relativeUriWins({ containerFullUri, containerRelativeUri }: AwsVariables): readonly Caution[] {
  if (!containerFullUri || !containerRelativeUri) return [];
  return [
    {
      code: "RelativeUriWins",
      message: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set too, and wins over the full URI as upstream",
    },
  ];
}
