/** The answer of every upstream: unchecked credentials, and their role. */
import type { ProvidedCredentials, StsRegion } from "../credentials.ts";

export interface Provided {
  readonly answer: ProvidedCredentials;
  /** The role that the credentials are of, where it is known. */
  readonly roleArn?: string | undefined;
  /** True when an answer without an expiration means keys that last; otherwise it is a fault. */
  readonly mayLast: boolean;
  /** Set when a `credential_process` printed it. */
  readonly fromProgram?: true;
  /** Set when STS gave it, and not at a configured endpoint. */
  readonly sts?: StsRegion;
}
