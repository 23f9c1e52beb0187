/** Variables and profiles by which the sidecar would ask itself for credentials. Pure. */
import { isLoopback } from "./addresses.ts";
import type { AwsVariables } from "./aws-variables.ts";
import type { Settings } from "./table.ts";
import { formatAddress } from "./values.ts";

/** What a profile's credentials come from in the end. */
export interface ProfileSource {
  readonly profile: string;
  readonly kind: "container" | "imds";
  /** The profile's own address of IMDS, which counts when the variables name none. */
  readonly imdsEndpoint: string | undefined;
}

/** A variable, or a setting of a profile, and the address of this sidecar to which it leads. */
export interface WayBack {
  readonly name: string;
  readonly address: string;
  /** The fault as a sentence without its end. */
  readonly text: string;
  /** What ends it. */
  readonly remedy: string;
}

export interface ProfileWayBack extends WayBack {
  readonly profile: string;
}

/** Each way back to this sidecar is a conflict. */
export function conflictOf({ text, remedy }: WayBack): string {
  return `${text}; ${remedy}`;
}

/** The variables by which the SDK inside the sidecar would ask the sidecar. */
export function waysBack(settings: Settings, aws: AwsVariables): readonly WayBack[] {
  return addressedHere(settings, aws).map(({ name, address }) => ({
    name,
    address,
    text: `${name} leads back to this sidecar (${address})`,
    remedy: "set it on the application's container, not on the sidecar's",
  }));
}

/** The same by `credential_source` of the profiles in use; without those by variables alone. */
export function profileWaysBack(
  settings: Settings,
  aws: AwsVariables,
  sources: readonly ProfileSource[],
): readonly ProfileWayBack[] {
  const known = addressedHere(settings, aws).map(({ name }) => name);
  return sources.flatMap(({ profile, kind, imdsEndpoint }) => {
    const fromProfile = imdsEndpoint ? { name: "ec2_metadata_service_endpoint", value: imdsEndpoint } : undefined;
    const read = { ...aws, imdsEndpoint: aws.imdsEndpoint ?? fromProfile };
    const found = addressedHere({ ...settings, upstream: kind }, read).filter(({ name }) => !known.includes(name));
    const from = kind === "imds" ? "IMDS" : "the container endpoint";
    return found.map(({ name, address }) => ({
      profile,
      name,
      address,
      text: `The profile ${JSON.stringify(profile)} takes its credentials from ${from} (credential_source), and ${name} leads back to this sidecar (${address})`,
      remedy: "set it on the application's container only, or give the profile another source",
    }));
  });
}

function addressedHere(
  settings: Settings,
  aws: AwsVariables,
): readonly { readonly name: string; readonly address: string }[] {
  return waysOut(settings, aws).flatMap(({ name, uri }) => {
    const address = settings.listen.find((listen) => leadsTo(uri, listen));
    return address === undefined ? [] : [{ name, address: formatAddress(address) }];
  });
}

/** Where the SDK inside the sidecar would ask for credentials, and what sends it there. */
function waysOut(
  { upstream }: Settings,
  aws: AwsVariables,
): readonly { readonly name: string; readonly uri: string }[] {
  const chain = upstream === "auto" || upstream === "assume-role";
  const { containerFullUri: full, containerRelativeUri: relative, imdsEndpoint: endpoint } = aws;
  const ways: { name: string; uri: string }[] = [];
  if (chain || upstream === "container") {
    if (full) ways.push({ name: full.name, uri: full.value });
    if (relative) ways.push({ name: relative.name, uri: `http://169.254.170.2${relative.value}` });
  }
  if (endpoint && (chain || upstream === "imds")) ways.push({ name: endpoint.name, uri: endpoint.value });
  // In `auto`, IMDS comes last in the chain, so that its default address alone does not show that it will be asked.
  if (upstream === "imds" && !endpoint) ways.push({ name: "the address of IMDS", uri: "http://169.254.169.254" });
  return ways;
}

function leadsTo(uri: string, address: Settings["listen"][number]): boolean {
  if (!URL.canParse(uri)) return false;
  const { hostname, port, protocol } = new URL(uri);
  if (protocol !== "http:" || Number(port || 80) !== address.port) return false;
  // URL writes equal addresses equally, so that spellings such as 127.1 and [0::1] do not matter.
  const own = new URL(`http://${formatAddress({ host: address.host ?? "::", port: address.port })}`).hostname;
  return hostname === own || (staysHere(hostname) && staysHere(own));
}

/** True for loopback and for the unspecified address: a connection to the latter leads to the same host. */
function staysHere(hostname: string): boolean {
  const target = hostname.replace(/^\[|[\].]$/g, "");
  return ["localhost", "0.0.0.0", "::"].includes(target) || isLoopback(target);
}
