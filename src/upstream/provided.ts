/** What every upstream gives: credentials that are not checked yet, and which role they are of. */
import type { ProvidedCredentials } from "../credentials.ts";

export interface Provided {
  readonly answer: ProvidedCredentials;
  /** The role that the credentials are of, where it is known. */
  readonly roleArn?: string | undefined;
  /** Whether an answer without an expiration is keys that last, rather than a fault. */
  readonly mayLast: boolean;
  /** Set when a `credential_process` printed it. */
  readonly fromProgram?: true;
}
