/**
 * The endpoints that answer from the pod's node: a container endpoint and IMDS. A file of its own, for they are read
 * without STS, and so without most of the SDK.
 */
import { fromHttp, fromInstanceMetadata } from "@aws-sdk/credential-providers";

export type Provider = ReturnType<typeof fromHttp>;

export type NearbyKind = "container" | "imds";

/** In ms. They answer at once or not at all; the credential cache retries, so these do not. */
export const NEARBY = { timeout: 2_000, maxRetries: 0 } as const;

/** The SDK warns on the console by default; everything it would say reaches `doctor` in our words. */
export const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** A provider for one renewal, whose endpoint the AWS variables name. */
export function nearby(kind: NearbyKind): Provider {
  const from = kind === "container" ? fromHttp : fromInstanceMetadata;
  return from({ ...NEARBY, logger: silent });
}
