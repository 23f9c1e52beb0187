/** `SIDECAR_STS_FALLBACK_REGIONS` against where STS is asked first, and whether it is asked at all. Pure. */
import { parseRoleArn } from "../credentials.ts";
import { partitionOf } from "../partitions.ts";
import type { AwsVariables, Variable } from "./aws-variables.ts";
import { named, quoted } from "./problems.ts";
import type { Settings } from "./table.ts";
import type { UpstreamKind } from "./upstream-kinds.ts";

/** These ask STS only for a role that is assumed with what they give. */
const WITHOUT_STS: readonly UpstreamKind[] = ["imds", "container", "process", "sso", "environment", "demo"];

/** Each way in which the fallback regions cannot be asked in the place of the first. */
export function fallbackRegionConflicts(settings: Settings, aws: AwsVariables): readonly string[] {
  const { "sts-fallback-regions": regions, upstream, "role-arn": roleArn } = settings;
  if (regions === undefined) return [];
  const name = named("sts-fallback-regions");
  if (WITHOUT_STS.includes(upstream) && roleArn === undefined)
    return [`${name} has no effect without ${named("role-arn")}: the upstream ${upstream} does not ask STS`];
  const endpoint = configuredEndpoint(aws);
  if (endpoint !== undefined)
    return [`${name}: ${endpoint.name} is the one endpoint of STS, which has no other regions; unset one of the two`];
  return [...repeated(regions), ...otherPartitions(settings, aws)].map((problem) => `${name}: ${problem}`);
}

/** In the order of the SDKs; only the word `true` ignores them (SDKs and Tools reference). */
function configuredEndpoint({ endpointUrlSts, endpointUrl, ignoreConfiguredEndpointUrls }: AwsVariables) {
  return /^true$/i.test(ignoreConfiguredEndpointUrls?.value ?? "") ? undefined : (endpointUrlSts ?? endpointUrl);
}

function repeated(regions: readonly string[]): readonly string[] {
  const again = regions.filter((region, index) => regions.indexOf(region) < index);
  return [...new Set(again)].map((region) => `${region} is named twice`);
}

/** A region knows the roles of its own partition only. */
function otherPartitions(settings: Settings, aws: AwsVariables): readonly string[] {
  const { "sts-fallback-regions": regions = [] } = settings;
  return expectedPartitions(settings, aws).flatMap(({ partition, why }) =>
    regions
      .filter((region) => partitionOf(region) !== partition)
      .map((region) => `${region} is in the partition ${partitionOf(region)}, but ${why} in ${partition}`),
  );
}

interface Expected {
  readonly partition: string;
  /** A name and a verb: what is in that partition. */
  readonly why: string;
}

/** By the role that is assumed, and by the region; a profile's own region and role are in the shared files. */
function expectedPartitions({ "role-arn": chained }: Settings, { roleArn, region }: AwsVariables): readonly Expected[] {
  const role: Variable | undefined = chained === undefined ? roleArn : { name: named("role-arn"), value: chained };
  const ofRole = parseRoleArn(role?.value)?.partition;
  if (role !== undefined && ofRole !== undefined) return [{ partition: ofRole, why: `the role of ${role.name} is` }];
  if (region === undefined) return [];
  return [{ partition: partitionOf(region.value), why: `${region.name} (${quoted(region.value)}) is` }];
}
