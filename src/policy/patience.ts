/**
 * How long a read may wait for the first credentials before it gets a 503. Pure.
 *
 * A wait is worth more than a 503: several clients ask once and then fail for good (boto3 and Java over IMDS, Java v1 at a
 * full URI). So a read waits for as long as its client does, less what the answer takes to arrive.
 */
import type { Protocol } from "./clients.ts";

/** JavaScript, Java v2, C++, PHP, async-aws, GDAL and most clients on IMDS give up after 1 s. */
const DEFAULT_MS = 800;
/** Clients with a time-out of 2 s. */
const TWO_SECONDS_MS = 1_800;
/** Clients with a time-out of 5 s and more, or none. Below the 5 s after which the server ends a silent connection. */
const LONG_MS = 4_000;

/** By the name that metrics use. Each number is the client's time-out for a response. */
const patience: Readonly<Record<Protocol, ReadonlyMap<string, number>>> = {
  container: new Map([
    // botocore utils.py ContainerMetadataFetcher.TIMEOUT_SECONDS: 2 s; its agent is that of urllib3 and aiohttp.
    ["python-urllib3", TWO_SECONDS_MS],
    // aiodynamo credentials.py: 2 s.
    ["python-httpx", TWO_SECONDS_MS],
    ["aiodynamo", TWO_SECONDS_MS],
    ["aiohttp", TWO_SECONDS_MS],
    ["botocore", TWO_SECONDS_MS],
    ["botocore-1", TWO_SECONDS_MS],
    // aws-sdk-java v1 EC2ResourceFetcher / ConnectionUtils: read time-out 5 s, and a single attempt at a full URI.
    ["java-v1", LONG_MS],
    ["java-v1.11", LONG_MS],
    // aws-sdk-go v1 defaults.go and v2 endpointcreds: no time-out for the response.
    ["go-v1", LONG_MS],
    ["go-v2", LONG_MS],
    // smithy-rs ecs.rs: read time-out 5 s. Its requests name nobody, so this is for those who declare it.
    ["rust", LONG_MS],
    // aws-c-auth credentials_provider_ecs.c: 2 s to connect, no limit for the response.
    ["crt", LONG_MS],
    // aws-sdk-net GenericContainerCredentials: HttpClient's 100 s.
    ["dotnet-v3", LONG_MS],
    ["dotnet-v3.7.202", LONG_MS],
    ["dotnet-v4", LONG_MS],
    // aws-sdk-ruby ECSCredentials: http_read_timeout 5 s; Net::HTTP's own default is 60 s.
    ["ruby", LONG_MS],
    ["ruby-net-http", LONG_MS],
    // aws-sdk-kotlin EcsCredentialsProvider: 30 s; okhttp's own default is 10 s.
    ["kotlin", LONG_MS],
    ["okhttp", LONG_MS],
    // s3fs-fuse curl.cpp: read time-out 120 s. object_store client: 30 s.
    ["s3fs", LONG_MS],
    ["object-store", LONG_MS],
  ]),
  imds: new Map([
    // aws-sdk-go-v2 feature/ec2/imds: 500 ms for the response headers.
    ["go-v2", 400],
    // aws-sdk-net EC2InstanceMetadata: 5 s. aws-c-auth aws_imds_client.c: no limit for the response.
    ["dotnet-v3", LONG_MS],
    ["dotnet-v3.7.202", LONG_MS],
    ["dotnet-v4", LONG_MS],
    ["crt", LONG_MS],
    ["s3fs", LONG_MS],
  ]),
};

/** In ms. `client` is the name of an identified client, or of its family. */
export function patienceMs(protocol: Protocol, client: string): number {
  return patience[protocol].get(client) ?? DEFAULT_MS;
}
