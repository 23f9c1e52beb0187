/** What the settings say of an identity before upstream has answered: the role, and which STS is asked for it. Pure. */
import type { AwsVariables } from "../settings/aws-variables.ts";
import type { Settings } from "../settings/table.ts";

export interface Configured {
  readonly roleArn?: string;
  /** The host of the STS endpoint; undefined when STS is not asked, or only the SDK knows its address. */
  readonly stsHost?: string;
}

/** A profile may name a role and a region of its own, which only the shared files tell. */
export function configuredFor(settings: Settings, aws: AwsVariables): Configured {
  const { upstream, "role-arn": chained } = settings;
  const byToken =
    upstream === "web-identity" || (upstream === "auto" && aws.webIdentityTokenFile !== undefined && !aws.profile);
  const roleArn = chained ?? (byToken ? aws.roleArn?.value : undefined);
  if (roleArn === undefined) return {};
  const stsHost = stsHostOf(aws);
  return { roleArn, ...(stsHost === undefined ? {} : { stsHost }) };
}

function stsHostOf({ endpointUrlSts, endpointUrl, region, ...aws }: AwsVariables): string | undefined {
  const explicit = aws.ignoreConfiguredEndpointUrls === undefined ? (endpointUrlSts ?? endpointUrl) : undefined;
  if (explicit !== undefined) return URL.parse(explicit.value)?.host;
  if (region === undefined || aws.useFipsEndpoint || aws.useDualstackEndpoint) return undefined;
  return `sts.${region.value}.amazonaws.com${region.value.startsWith("cn-") ? ".cn" : ""}`;
}
