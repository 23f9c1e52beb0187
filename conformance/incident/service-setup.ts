/** One service with its credentials set up in one of three ways, and what it asks of. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeUpstream, invent, kiam } from "../harness/fake-upstream.ts";
import { realClock } from "../harness/faketime.ts";
import { type Handler, type Served, serve } from "../harness/http.ts";
import { Ledger } from "../harness/ledger.ts";
import { type Buildable, buildFolder } from "../harness/needs.ts";
import { pointedAt, upstreamAt } from "../harness/pointed-at.ts";
import { type Sidecar, startSidecar } from "../harness/sidecar.ts";
import { type Started, start } from "../processes.ts";
import { elasticsearch } from "./elasticsearch.ts";
import type { SetUp } from "./summary.ts";

/** The incident's, as `service/pom.xml` pins it. A service that says another one does not count as started. */
export const SDK_VERSION = "1.11.546";

export const service: Buildable = {
  name: "the service",
  needs: [
    { command: "mvn", package: "maven" },
    { command: "javac", package: "openjdk-17-jdk-headless" },
  ],
  build: ["mvn", "-q", "-B", "clean", "compile"],
  folder: fileURLToPath(new URL("service", import.meta.url)),
};

export interface Counts {
  /** HTTP requests to the upstream. */
  readonly upstreamCalls: number;
  readonly reads?: number;
}

export interface ServiceSetup {
  /** Of the service. */
  readonly url: string;
  /** Since the start of everything. */
  readonly counts: () => Promise<Counts>;
  readonly close: () => Promise<void>;
}

/** Everything is its own and started anew, so that no stand profits from another. */
export async function openServiceSetup(setUp: SetUp): Promise<ServiceSetup> {
  const ledger = new Ledger();
  const upstream = counted(new FakeUpstream(kiam, ledger, Date.now).handle);
  const parts: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closePart of parts.splice(0).reverse()) await closePart();
  };
  try {
    const kiamServed = await serve(upstream.handle);
    parts.push(kiamServed.close);
    const search = await serve(elasticsearch(ledger, Date.now));
    parts.push(search.close);
    const sidecar = setUp === "sidecar" ? await sidecarOf(kiamServed) : undefined;
    if (sidecar !== undefined) parts.push(sidecar.stop);
    const started = await startService(search, credentialsFor(setUp, ledger, sidecar?.url ?? kiamServed.url));
    parts.push(started.stop);
    const counts = async () => {
      const reads = (await sidecar?.counts())?.reads;
      return { upstreamCalls: upstream.count(), ...(reads === undefined ? {} : { reads }) };
    };
    return { url: `http://127.0.0.1:${started.match[1]}/orders`, counts, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a JVM is started with beyond its program. */
interface Credentials {
  readonly env: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
}

function credentialsFor(setUp: SetUp, ledger: Ledger, url: string): Credentials {
  switch (setUp) {
    case "static": {
      const keys = { ...invent(Number.POSITIVE_INFINITY), sessionToken: "" };
      ledger.record(keys);
      return { env: { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey }, flags: [] };
    }
    case "straight":
      // In a cluster kiam took over the address of the real IMDS; this version knows no variable for another one.
      return { env: {}, flags: [`-Dcom.amazonaws.sdk.ec2MetadataServiceEndpointOverride=${url}`] };
    case "sidecar":
      return { env: pointedAt({ protocol: "container", url }), flags: [] };
  }
}

function sidecarOf({ url }: Served): Promise<Sidecar> {
  return startSidecar({
    clock: realClock,
    env: upstreamAt("imds", url),
    until: "ready",
  });
}

const built = join(buildFolder, "incident");

function startService(search: Served, { env, flags }: Credentials): Promise<Started> {
  return start({
    command: "java",
    // Without it the JDK's HTTP server waits for an acknowledgement between the head of an answer and its body.
    args: ["-Dsun.net.httpserver.nodelay=true", ...flags, "-cp", `${built}/classes:${built}/lib/*`, "Service"],
    env: { AWS_REGION: "eu-west-1", ELASTICSEARCH_URL: search.url, ...env },
    ready: new RegExp(`with the SDK ${SDK_VERSION} listening on (\\d+)\n`),
  });
}

function counted(handle: Handler) {
  let count = 0;
  const counting: Handler = (request) => {
    count += 1;
    return handle(request);
  };
  return { handle: counting, count: () => count };
}
