/** Real AWS SDKs in a process of their own, a sidecar in front of them, and an AWS that notes who signed. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { ReadEvent } from "../../src/telemetry/events.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import { bareEnvironment, temporaryDirectory, type Variables } from "./environment.ts";
import type { FakeClock } from "./fake-clock.ts";
import { fakeEdge } from "./fake-edge.ts";
import { type FakeServer, fakeServer } from "./fake-http.ts";
import { clockOfToday } from "./identities.ts";
import { type Served, serveForTest } from "./served.ts";

/** How an application is led to a sidecar. */
export interface Way {
  readonly name: string;
  readonly protocol: "container" | "imds";
  /** Flags of the sidecar. */
  readonly flags?: readonly string[];
  /** What the application's container has in its environment. */
  readonly env: (sidecar: Served, home: string) => Variables;
}

const TOKEN = "fake-authorization-token";

export const CONTAINER: Way = {
  name: "the container endpoint",
  protocol: "container",
  env: ({ url }) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials` }),
};

export const IMDS: Way = {
  name: "IMDS",
  protocol: "imds",
  env: ({ url }) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: undefined }),
};

export const ways: readonly Way[] = [
  CONTAINER,
  {
    ...CONTAINER,
    name: "the container endpoint with a token",
    flags: [`--auth-token=${TOKEN}`],
    env: (sidecar, home) => ({ ...CONTAINER.env(sidecar, home), AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN }),
  },
  {
    ...CONTAINER,
    name: "the container endpoint with a token file",
    flags: [`--auth-token=${TOKEN}`],
    env: (sidecar, home) => {
      const file = join(home, "token");
      writeFileSync(file, TOKEN);
      return { ...CONTAINER.env(sidecar, home), AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file };
    },
  },
  IMDS,
];

/** The container endpoint by the path that names a client. */
export const declared = (client: string): Way => ({
  ...CONTAINER,
  name: `the path that names ${client}`,
  env: ({ url }) => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/for/${client}/credentials` }),
});

export interface ClientScene {
  readonly clock: FakeClock;
  readonly sidecar: Served;
  /** Every read of a credential document so far. */
  readonly reads: readonly ReadEvent[];
}

export interface FixtureEvents {
  readonly onRead?: (event: ReadEvent) => void;
  /** A read waits for upstream. */
  readonly onWaiting?: (clock: FakeClock) => void;
}

/** A sidecar on a clock that agrees with the client's; closed when the test ends. */
export async function clientFixture(
  t: TestContext,
  { flags = [] }: Way,
  upstream: (clock: FakeClock) => Upstream,
  { onRead, onWaiting }: FixtureEvents = {},
): Promise<ClientScene> {
  const clock = clockOfToday();
  const reads: ReadEvent[] = [];
  const observer = {
    onRead: (event: ReadEvent) => {
      reads.push(event);
      onRead?.(event);
    },
    onCoalesced: () => onWaiting?.(clock),
  };
  const upstreams = { default: upstream(clock) };
  const sidecar = await serveForTest({ edge: fakeEdge({ clock }), upstreams, flags, observers: [observer] });
  t.after(() => sidecar.close());
  return { clock, sidecar, reads };
}

/** Who signed a request, and with which session. */
export interface Signature {
  readonly service: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly sessionToken: string | string[] | undefined;
}

export interface ClientRun {
  /** Undefined when the application ended well. */
  readonly failure: string | undefined;
  readonly signatures: readonly Signature[];
}

/** Runs an application of this directory's neighbour `clients` to its end: `rounds` times one call of S3 and of STS. */
export async function runClient(
  t: TestContext,
  app: string,
  rounds: number,
  { env }: Way,
  { sidecar }: ClientScene,
): Promise<ClientRun> {
  const aws = await fakeAws(t);
  const home = temporaryDirectory(t);
  const place = { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL: aws.url, ...QUIET };
  const environment = bareEnvironment(home, { ...place, ...env(sidecar, home) });
  const file = fileURLToPath(new URL(`../clients/${app}`, import.meta.url));
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  execFile(process.execPath, [file, String(rounds)], { env: environment }, (error, _, stderr) =>
    resolve(error === null ? undefined : stderr),
  );
  const failure = await promise;
  return { failure, signatures: aws.requests.map(signatureOf) };
}

/** Version 2 prints that it is no longer maintained. */
const QUIET = { AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: "1" };

/** S3's list of buckets and STS's caller identity, to anybody. */
async function fakeAws(t: TestContext): Promise<FakeServer> {
  const headers = { "Content-Type": "text/xml" };
  const buckets = "<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>";
  const identity =
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>fake</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";
  return await fakeServer(t, ({ method }) => ({ headers, body: method === "GET" ? buckets : identity }));
}

function signatureOf({ headers }: FakeServer["requests"][number]): Signature {
  const [, accessKeyId, service] = /Credential=(\w*)\/\d+\/[\w-]+\/(\w+)\//.exec(headers.authorization ?? "") ?? [];
  return { service, accessKeyId, sessionToken: headers["x-amz-security-token"] };
}

/** What `rounds` of an application must have signed. */
export function signedBy(rounds: number, accessKeyId: string, sessionToken: string | undefined): readonly Signature[] {
  return ["s3", "sts"].flatMap((service) =>
    Array.from({ length: rounds }, () => ({ service, accessKeyId, sessionToken })),
  );
}

/** Calls of S3 first: those of one round arrive in any order. */
export function byService(signatures: readonly Signature[]): readonly Signature[] {
  return signatures.toSorted((a, b) => String(a.service).localeCompare(String(b.service)));
}
