/**
 * The SDK's credential providers, as one attempt uses them. They come with the first attempt that needs them: the SDK is
 * half of the start-up, and an endpoint on the node, keys and programs need none of it.
 */

import type * as sdk from "@aws-sdk/credential-providers";
import type { Env } from "../edge.ts";
import type { StsConfig } from "./sts-config.ts";
import type { Transport } from "./transport.ts";

export type SdkProviders = Pick<
  typeof sdk,
  "fromSSO" | "fromLoginCredentials" | "fromTemporaryCredentials" | "fromWebToken"
>;

export async function loadSdk(): Promise<SdkProviders> {
  return await import("@aws-sdk/credential-providers");
}

/** The SDK warns on the console by default; `doctor` reports the same facts in the sidecar's own words. */
export const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

export interface ClientInput {
  readonly transport: Transport;
  readonly env: Env;
  /** Upstream's clock less ours, in ms. */
  readonly clockOffsetMs: number;
}

/** What every client of the SDK is given. One attempt per call: the credential cache's schedule is the only one. */
export function clientConfig({ transport, env, clockOffsetMs }: ClientInput) {
  return {
    requestHandler: transport,
    maxAttempts: 1,
    retryMode: "standard",
    systemClockOffset: clockOffsetMs,
    userAgentAppId: async () => env.AWS_SDK_UA_APP_ID || undefined,
    logger: silent,
  } as const;
}

export type ClientConfig = ReturnType<typeof clientConfig>;

/**
 * For STS, with everything that the SDK would look for in the shared files: it would look in another profile than the
 * identity's, in its own dialect, and fail where there is no home directory.
 */
export function stsClientConfig(input: ClientInput, { region, endpoint, ...modes }: StsConfig) {
  return {
    ...clientConfig(input),
    region,
    ...modes,
    ...(endpoint !== undefined && { endpoint }),
    ignoreConfiguredEndpointUrls: true,
    defaultsMode: "standard" as const,
    authSchemePreference: [],
    sigv4aSigningRegionSet: [],
  };
}
