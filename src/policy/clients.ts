/**
 * The client table: which programs read credentials, and when each of them reads again.
 *
 * - `advisorySeconds`: the reported remaining lifetime below which a client may read again.
 * - `mandatorySeconds`: the one below which it never signs without a successful read first. When that read fails, most
 *   clients fail. Java v1, C++ and fog-aws sign on with what they have, and AWS refuses those requests once the
 *   credentials have really expired (Java 1.11.546 does so only when the connection was cut).
 *
 * A row holds for every version of its client that anybody may run under that name: `advisorySeconds` is the largest of
 * any version and `mandatorySeconds` the smallest, released or announced. A wrong number then costs reads, never a
 * request that is signed too late. Where that leaves too little padding to calm the versions in use today, a second row
 * names the generation (`botocore-1`): whoever writes that name promises to change it when the client's rules change.
 *
 * Each row cites the code that decides. "Tried" means that the released program was run and its reads were counted.
 */
export interface Windows {
  readonly advisorySeconds: number;
  readonly mandatorySeconds: number;
  /**
   * Set when the client draws its advisory window anew after each read, evenly between this and `advisorySeconds`. It
   * reads at every use only below this; above it, it reads less often the more lifetime is left.
   */
  readonly shortestAdvisorySeconds?: number;
}

export type Protocol = "container" | "imds";

export interface Client {
  readonly name: string;
  /** Other names for the same client, for example of programs that embed it. */
  readonly aliases?: readonly string[];
  readonly container: Windows;
  readonly imds: Windows;
  /** The row of the versions in use today, when their larger mandatory window allows padding that this row cannot have. */
  readonly generationInUse?: string;
  /** The field in which it looks for the access key ID, when that is not AWS's own `AccessKeyId`. */
  readonly accessKeyIdField?: "AccessKeyID";
}

const at = (advisorySeconds: number, mandatorySeconds: number): Windows => ({ advisorySeconds, mandatorySeconds });
const drawn = (shortestAdvisorySeconds: number, advisorySeconds: number, mandatorySeconds: number): Windows => ({
  advisorySeconds,
  mandatorySeconds,
  shortestAdvisorySeconds,
});

/**
 * Nearly every SDK keeps IMDS credentials past their reported expiration when a read fails ("static stability"), so its
 * mandatory window on IMDS is zero.
 */
const rows = [
  // aws-sdk-java 1.11.x auth/BaseCredentialsFetcher.java: EXPIRATION_THRESHOLD 15 min, synchronized, on both protocols
  // (1.11.1034 read, 1.11.546 tried; `allowExpiredCredentials` came between 1.12.150 and 1.12.200).
  { name: "java-v1.11", container: at(900, 900), imds: at(900, 900) },
  // aws-sdk-java 1.12.x, same file (1.12.797 tried): over IMDS it uses what it has and retries in 50–70 s.
  { name: "java-v1", container: at(900, 900), imds: at(900, 0) },
  // aws-sdk-java-v2 ContainerCredentialsProvider: prefetch 15 min, stale 1 min; CachedSupplier draws the
  // prefetch between 15 and 2 min before the end (2.56.0 tried; with its old MAX_PREFETCH_JITTER, 15 and 10 min).
  // InstanceProfileCredentialsProvider: prefetch at half the remaining lifetime, at least 5 min.
  { name: "java-v2", container: drawn(120, 900, 60), imds: at(300, 0) },
  // botocore credentials.py. Released (1.44.5, aiobotocore 3.10.0 tried): advisory 900 s, mandatory 600 s. Its announced
  // refresh (boto/botocore PRs 3733 and 3760): mandatory 60 s, advisory 300 s for sessions of up to 20 minutes. On IMDS it
  // rewrites expirations less than 17–25 min ahead, so that it reads each 2–10 min and may keep credentials 10 min too
  // long (tried).
  {
    name: "botocore",
    aliases: ["boto3", "aws-cli", "aiobotocore"],
    generationInUse: "botocore-1",
    container: at(900, 60),
    imds: at(900, 0),
  },
  { name: "botocore-1", container: at(900, 600), imds: at(900, 0) },
  // aws-sdk-go 1.55 defaults/defaults.go: ExpiryWindow 5 min on both, blocking (tried).
  { name: "go-v1", container: at(300, 300), imds: at(300, 300) },
  // aws-sdk-go-v2 config/resolve_credentials.go: ExpiryWindow 5 min (container), none (IMDS) (tried). Its announced
  // credential_cache.go (advisoryWindowFor): mandatory 60 s.
  // rclone and Terraform's AWS provider leave it as it is (tried).
  { name: "go-v2", aliases: ["rclone", "terraform"], container: at(300, 60), imds: at(0, 0) },
  // prometheus/sigv4 sigv4.go credentialCacheOptions: a cache around Go v2's, with 30 s less a random 0–50 % besides
  // (tried).
  { name: "prometheus", container: at(330, 60), imds: at(30, 0) },
  // aws-sdk-js 2.1693 lib/credentials.js: expiryWindow 15 s (tried).
  { name: "js-v2", container: at(15, 15), imds: at(15, 0) },
  // @aws-sdk/credential-provider-node memoizeChain: passive refresh under 5 min returns the old credentials meanwhile.
  { name: "js-v3", container: at(300, 0), imds: at(300, 0) },
  // smithy-rs identity/cache/lazy.rs: buffer of 10 s less a random 0–50 %. daft embeds it (tried).
  { name: "rust", aliases: ["daft"], container: at(10, 5), imds: at(10, 0) },
  // aws-c-auth credentials_provider_cached.c: 300 s since 0.7.26, 10 s before; drops what it has on failure (tried).
  { name: "crt", container: at(300, 10), imds: at(300, 10) },
  // aws-sdk-cpp AWSCredentialsProvider.h: grace 5 s; reloads each 5 min whatever was reported; signs on with expired
  // credentials when a read fails (tried with pyarrow and TileDB).
  { name: "cpp", aliases: ["pyarrow"], container: at(5, 5), imds: at(5, 0) },
  // ClickHouse makes a C++ provider for each query, so it reads once per query whatever is reported (tried).
  { name: "clickhouse", container: at(5, 5), imds: at(0, 0) },
  // aws-sdk-net v3 RefreshingAWSCredentials: PreemptExpiryTime 15 min under a lock since 3.7.202, none before; IMDS by a
  // timer of 2 min.
  { name: "dotnet-v3", generationInUse: "dotnet-v3.7.202", container: at(900, 0), imds: at(0, 0) },
  { name: "dotnet-v3.7.202", container: at(900, 900), imds: at(0, 0) },
  // aws-sdk-net v4: the same 15 min, but in the background while any lifetime is left.
  { name: "dotnet-v4", container: at(900, 0), imds: at(0, 0) },
  // aws-sdk-php CredentialProvider::memoize: no threshold.
  { name: "php", container: at(0, 0), imds: at(0, 0) },
  // aws-sdk-ruby RefreshingCredentials: SYNC_EXPIRATION_LENGTH 300 (tried); IMDS keeps expired ones 5–6 min.
  { name: "ruby", container: at(300, 300), imds: at(300, 0) },
  // smithy-kotlin CachedCredentialsProvider: buffer 10 s, and 15 min at most whatever was reported.
  { name: "kotlin", container: at(10, 10), imds: at(10, 0) },
  // aws-sdk-swift DefaultAWSCredentialIdentityResolverChain: 300 s, blocking.
  { name: "swift", container: at(300, 300), imds: at(300, 300) },
  // minio-go credentials/iam_aws.go: a fifth of the lifetime seen at fetch, so it calms itself (tried with restic).
  { name: "minio-go", aliases: ["restic"], container: at(0, 0), imds: at(0, 0) },
  // minio-js src/IamAwsProvider.ts, minio-py credentials/providers.py, minio-java IamAwsProvider.java: 10 s. minio-js
  // 8.0.7 finds no access key ID in AWS's own answers (tried).
  { name: "minio-js", container: at(10, 10), imds: at(10, 10), accessKeyIdField: "AccessKeyID" },
  { name: "minio-py", container: at(10, 10), imds: at(10, 10) },
  { name: "minio-java", container: at(10, 10), imds: at(10, 10) },
  // object_store 0.14 src/client/token.rs: min_ttl 300 s under a write lock, one fetch per 100 ms at most. polars and
  // delta-rs embed it (tried).
  {
    name: "object-store",
    aliases: ["datafusion", "obstore", "polars", "delta-rs", "deltalake"],
    container: at(300, 300),
    imds: at(300, 300),
  },
  // icechunk: between 50 and 80 s (tried).
  { name: "icechunk", container: at(80, 50), imds: at(80, 50) },
  // reqsign 3 services/aws-core credential.rs is_valid(): 120 s (tried with opendal).
  { name: "reqsign", aliases: ["opendal"], container: at(120, 120), imds: at(120, 120) },
  // s3fs-fuse 1.97 s3fs_cred.h IAM_EXPIRE_MERGING: 20 min (1.90 tried); the operation fails when the read does.
  { name: "s3fs", container: at(1200, 1200), imds: at(1200, 1200) },
  // s3cmd 2.4 S3/Config.py role_refresh: 15 min, keeps the old ones on failure (2.3 tried, a process for each request).
  { name: "s3cmd", container: at(900, 0), imds: at(900, 0) },
  // pgBackRest 2.60 storage/s3/storage.c S3_CREDENTIAL_RENEW_SEC; frees the old ones before it asks.
  { name: "pgbackrest", container: at(300, 300), imds: at(300, 300) },
  // fluent-bit 5.1 flb_aws_credentials.h FLB_AWS_REFRESH_WINDOW; keeps the old ones on failure.
  { name: "fluent-bit", container: at(60, 0), imds: at(60, 0) },
  // Envoy container_credentials_provider.cc: its timer fires at the expiration itself; IMDS each 3595 s.
  { name: "envoy", container: at(0, 0), imds: at(0, 0) },
  // nginx-s3-gateway awscredentials.js maxValidityOffsetMs: 4.5 min.
  { name: "nginx-s3-gateway", container: at(270, 270), imds: at(270, 270) },
  // GDAL 3.13 port/cpl_aws.cpp: 60 s under a mutex (3.10 tried with rasterio).
  { name: "gdal", aliases: ["rasterio"], container: at(60, 60), imds: at(60, 60) },
  // VictoriaMetrics lib/awsapi/config.go: 10 s (tried).
  { name: "victoriametrics", aliases: ["vmagent"], container: at(10, 10), imds: at(10, 10) },
  // fog-aws credential_fetcher.rb: 15 s, configurable, so no mandatory window is certain. It signs on with expired
  // credentials when a read fails (tried).
  { name: "fog-aws", container: at(15, 0), imds: at(15, 0) },
  // async-aws/core Credentials.php EXPIRATION_DRIFT: 30 s.
  { name: "async-aws", container: at(30, 30), imds: at(30, 30) },
  // ex_aws 2.7 auth_cache.ex @refresh_lead_time: 5 min by a timer that fires at once below it.
  { name: "ex-aws", container: at(300, 0), imds: at(300, 0) },
  // aws_credentials (Erlang) ALERT_BEFORE_EXPIRY: 5 min by a timer; readers never look at the expiry.
  { name: "aws-credentials-erlang", container: at(300, 0), imds: at(300, 0) },
  // erlcloud erlcloud_aws.erl: 5 min.
  { name: "erlcloud", container: at(300, 300), imds: at(300, 300) },
  // lua-resty-aws Credentials.lua expiryWindow: 15 s.
  { name: "kong", container: at(15, 15), imds: at(15, 15) },
  // cognitect aws-api credentials.clj: 5 min in the background, never sooner than 60 s.
  { name: "cognitect", container: at(300, 0), imds: at(300, 0) },
  // amazonka Auth/Background.hs: 6 min in the background.
  { name: "amazonka", container: at(360, 0), imds: at(360, 0) },
  // Soto RotatingCredentialProvider.swift: 180 s in the background, 15 s hard.
  { name: "soto", container: at(180, 15), imds: at(180, 15) },
  // Paws (Perl) ECSContainerProfile.pm: 240 s, keeps the old ones on failure.
  { name: "paws-perl", container: at(240, 0), imds: at(240, 0) },
  // paws.common (R) credential_providers.R: 300 s; gives nothing when the read fails.
  { name: "paws-r", container: at(300, 300), imds: at(300, 300) },
  // aiodynamo credentials.py: 15 min advisory, 10 min mandatory (26.4 tried).
  { name: "aiodynamo", container: at(900, 600), imds: at(900, 600) },
  // mongo-c-driver mongoc-cluster-aws.c: 5 min.
  { name: "mongo-c", container: at(300, 300), imds: at(300, 300) },
  // lance aws.rs s3_credentials_refresh_offset: 60 s.
  { name: "lance", container: at(60, 0), imds: at(60, 0) },
] as const satisfies readonly Client[];

export const clients: readonly Client[] = rows;

/** The names of the table's rows. */
export type ClientName = (typeof rows)[number]["name"];

const byName = new Map<string, Client>(
  clients.flatMap((client) => [client.name, ...(client.aliases ?? [])].map((name) => [name, client] as const)),
);

/** The row with this name or alias, or undefined. */
export function findClient(name: string): Client | undefined {
  return byName.get(name);
}

/** Every name that may be declared, for error messages and help. */
export const declarableNames: readonly string[] = [...byName.keys()].sort();

/** The largest advisory window of all: no client reads again above it. Below it an unrecognised client may be storming. */
export const LARGEST_ADVISORY_SECONDS = Math.max(
  ...clients.flatMap((client) => [client.container.advisorySeconds, client.imds.advisorySeconds]),
);
