/** How STS is asked: region, endpoint and modes, from the variables and from the profile that the identity names. Pure. */

import { parseRoleArn } from "../credentials.ts";
import type { Env } from "../edge.ts";
import { UpstreamFailure } from "./failure.ts";
import { nestedTextOf, referenceOf, type Section, textOf } from "./ini.ts";
import { fault, quoted } from "./profile-fault.ts";

export interface StsConfig {
  readonly region: string;
  readonly endpoint?: string;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
}

export interface StsConfigInput {
  readonly env: Env;
  readonly profile: Section | undefined;
  readonly services: ReadonlyMap<string, Section>;
  /** Decides the region where nothing else does. */
  readonly roleArn: string | undefined;
}

/** Regions of STS where nothing names one, by partition: us-east-1 knows no role of another partition. */
const PARTITION_REGIONS: Readonly<Record<string, string>> = {
  "aws-cn": "cn-north-1",
  "aws-us-gov": "us-gov-west-1",
  "aws-eusc": "eusc-de-east-1",
  "aws-iso": "us-iso-east-1",
  "aws-iso-b": "us-isob-east-1",
  "aws-iso-e": "eu-isoe-west-1",
  "aws-iso-f": "us-isof-south-1",
};

/** The regions that `sts_regional_endpoints = legacy` leads to the global endpoint (botocore, LEGACY_GLOBAL_STS_REGIONS). */
const LEGACY_REGIONS: ReadonlySet<string> = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "aws-global",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);
const GLOBAL_ENDPOINT = "https://sts.amazonaws.com";
const DEFAULT_REGION = "us-east-1";

/**
 * The profile's region comes before `AWS_REGION`, as the SDK has it for a profile's role: the EKS webhook sets the
 * variable in every pod, and a profile of China is asked for in China. Throws an `UpstreamFailure` (`not-configured`).
 */
export function stsConfig(input: StsConfigInput): StsConfig {
  const region = regionOf(input);
  const useFipsEndpoint = flag(input, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
  const useDualstackEndpoint = flag(input, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
  const modes = { useFipsEndpoint, useDualstackEndpoint };
  const endpoint = endpointOf(input);
  if (endpoint !== undefined) return { region, endpoint, ...modes };
  if (isLegacy(input) && LEGACY_REGIONS.has(region) && !useFipsEndpoint && !useDualstackEndpoint) {
    return { region: DEFAULT_REGION, endpoint: GLOBAL_ENDPOINT, ...modes };
  }
  return { region, ...modes };
}

/** False for a configured endpoint: it is one place, and no other is asked instead. */
export function hasOtherRegions({ endpoint }: StsConfig): boolean {
  return endpoint === undefined || endpoint === GLOBAL_ENDPOINT;
}

function regionOf({ env, profile, roleArn }: StsConfigInput): string {
  const region = textOf(profile, "region") || env.AWS_REGION || env.AWS_DEFAULT_REGION;
  if (!region) return PARTITION_REGIONS[parseRoleArn(roleArn)?.partition ?? ""] ?? DEFAULT_REGION;
  if (/^[A-Za-z0-9-]{1,63}$/.test(region)) return region;
  throw fault("the region (AWS_REGION, or region in the profile) is not the name of one", {
    variable: "AWS_REGION (or region in the profile)",
  });
}

function endpointOf(input: StsConfigInput): string | undefined {
  const text = configuredEndpoint(input);
  if (text === undefined || /^https?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw fault(
    "the endpoint of STS (AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, or endpoint_url) is not an http or https URL",
  );
}

/** In the order of the SDKs and Tools reference (service-specific endpoints). */
function configuredEndpoint(input: StsConfigInput): string | undefined {
  const { env, profile, services } = input;
  if (flag(input, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls")) return undefined;
  const byVariable = env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL;
  if (byVariable) return byVariable;
  const name = referenceOf(profile ?? new Map(), "services", services);
  const section = services.get(name ?? "");
  if (name !== undefined && section === undefined)
    throw new UpstreamFailure("not-configured", `services = ${name} names no [services ${quoted(name)}] section`, {
      remedy: `correct services in the profile, or write the section [services ${quoted(name)}] in the config file`,
    });
  return nestedTextOf(section, "sts", "endpoint_url") || textOf(profile, "endpoint_url") || undefined;
}

function isLegacy({ env, profile }: StsConfigInput): boolean {
  const mode = env.AWS_STS_REGIONAL_ENDPOINTS || textOf(profile, "sts_regional_endpoints") || "regional";
  if (!/^(?:legacy|regional)$/i.test(mode)) {
    throw fault("AWS_STS_REGIONAL_ENDPOINTS (sts_regional_endpoints) is neither legacy nor regional", {
      variable: "AWS_STS_REGIONAL_ENDPOINTS (or sts_regional_endpoints in the profile)",
    });
  }
  return mode.toLowerCase() === "legacy";
}

function flag({ env, profile }: StsConfigInput, variable: string, setting: string): boolean {
  const value = env[variable] || textOf(profile, setting) || "false";
  if (/^(?:true|false)$/i.test(value)) return value.toLowerCase() === "true";
  throw new UpstreamFailure("not-configured", `${variable} (${setting} in the profile) is neither true nor false`, {
    subject: { variable },
  });
}
