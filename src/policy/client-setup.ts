/** What each client must be told to read from the sidecar: the one table behind the command `env`. Pure. */
import { type Client, findClient } from "./clients.ts";

/** In which ways a client takes the auth token. `file-required`: it reads the full URI only where a token file is set. */
export type TokenBy = "either" | "file" | "variable" | "file-required";

export type ClientSetup =
  /** `AWS_CONTAINER_CREDENTIALS_FULL_URI`. */
  | { readonly kind: "full-uri"; readonly token: TokenBy; readonly note?: string }
  /** A fixed address, where the sidecar must listen; no token is sent unless `token` says so. */
  | { readonly kind: "relative-uri"; readonly note?: string }
  | { readonly kind: "pod-identity"; readonly note?: string }
  | { readonly kind: "imds"; readonly note?: string };

const fullUri = (token: TokenBy, note?: string): ClientSetup => ({ kind: "full-uri", token, ...(note && { note }) });

/** For a client whose old versions people still have. */
const relativeInstead = (old: string): string =>
  `a version that does not know the full URI (${old}) takes AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and 169.254.170.2`;

/** The addresses that these clients know, and no others. */
export const FIXED_ADDRESS = {
  "relative-uri": "169.254.170.2:80",
  "pod-identity": "169.254.170.23:80",
  imds: "169.254.169.254:80",
} as const;

/**
 * For a client that wants a token file where no token is asked for. It is in every container, and empty: what these
 * clients read they send as it is, and a newline in a header ends them (tried with polars and deltalake).
 */
export const NO_TOKEN = "/dev/null";

/** By the name that is typed, an alias or a row; all others take the full URI and a token in either way. */
const exceptions: Readonly<Record<string, ClientSetup>> = {
  // Its 2.9 (Debian 12) knows no token file (tried).
  "aws-cli": fullUri("variable"),
  "java-v1.11": fullUri("variable"),
  "minio-js": fullUri("variable"),
  "minio-java": fullUri("variable"),
  cognitect: fullUri("variable"),
  aiodynamo: fullUri("variable"),
  "async-aws": fullUri("file", relativeInstead("1.18, Debian 12")),
  clickhouse: fullUri("file"),
  "object-store": fullUri("file-required"),
  "fog-aws": fullUri("file-required", relativeInstead("3.18, Debian 13")),
  pgbackrest: fullUri("file-required", "pgBackRest reads it with repo1-s3-key-type=pod-id"),
  "ex-aws": fullUri("file-required"),
  "aws-credentials-erlang": fullUri("file-required"),
  ruby: fullUri("either", relativeInstead("Debian 12")),
  s3fs: { kind: "relative-uri", note: "mount with -o ecs" },
  "nginx-s3-gateway": { kind: "pod-identity" },
  s3cmd: { kind: "imds" },
  "mongo-c": { kind: "imds" },
  soto: { kind: "imds" },
  amazonka: { kind: "imds" },
  erlcloud: { kind: "imds" },
  "paws-perl": { kind: "imds" },
};

/** How the client with this row reads, `typed` being its name or an alias. */
export function clientSetup(typed: string, { name }: Client): ClientSetup {
  return exceptions[typed] ?? exceptions[name] ?? fullUri("either");
}

/** The name to write into the path: that of the generation in use, where the client has one. */
export function nameInPath({ name, generationInUse }: Client): string {
  return findClient(generationInUse ?? name)?.name ?? name;
}

/** The names that have a row of their own here, for a test. */
export const exceptionalNames: readonly string[] = Object.keys(exceptions);
