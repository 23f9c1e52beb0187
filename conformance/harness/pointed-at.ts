/** The variables by which an application is pointed at its credentials. Pure. */
import { clientSetup, NO_TOKEN } from "../../src/policy/client-setup.ts";
import { findClient, type Protocol } from "../../src/policy/clients.ts";
import { RELATIVE_URI, TOKEN_FILE } from "../../src/settings/variable-names.ts";
import { fixedKindOf } from "./link-local.ts";

export interface Address {
  readonly protocol: Protocol;
  /** Of a sidecar or an upstream, without a slash at the end. */
  readonly url: string;
  /** The client that the path names; the container protocol only. */
  readonly row?: string | undefined;
  /** The name for which the command `env` has lines; any other client's lines are the address alone. */
  readonly setup?: string | undefined;
}

/** Nothing may look for credentials on the network: with the container protocol, IMDS is off. */
export function pointedAt({ protocol, url, row, setup }: Address): Readonly<Record<string, string>> {
  const fixed = fixedKindOf(setup);
  if (fixed === "imds") return {};
  if (protocol === "imds") return { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` };
  const path = row === undefined ? "/v1/credentials" : `/v1/for/${row}/credentials`;
  if (fixed === "relative-uri") return { [RELATIVE_URI]: path, AWS_EC2_METADATA_DISABLED: "true" };
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${path}`,
    AWS_EC2_METADATA_DISABLED: "true",
    ...(needsTokenFile(setup) && { [TOKEN_FILE]: NO_TOKEN }),
  };
}

/** Whether it reads the address only where a token file is set, as `env` says. */
function needsTokenFile(name: string | undefined): boolean {
  const client = name === undefined ? undefined : findClient(name);
  if (name === undefined || client === undefined) return false;
  const setup = clientSetup(name, client);
  return setup.kind === "full-uri" && setup.token === "file-required";
}

/** The variables by which the sidecar is pointed at an upstream. */
export function upstreamAt(protocol: Protocol, url: string): Readonly<Record<string, string>> {
  return protocol === "imds"
    ? { SIDECAR_UPSTREAM: "imds", AWS_EC2_METADATA_SERVICE_ENDPOINT: `${url}/` }
    : { SIDECAR_UPSTREAM: "container", AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials` };
}
