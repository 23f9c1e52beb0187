/**
 * The states that the page must tell apart, each made by the real sidecar: the clock and upstream are the test's,
 * the clients' reads go over HTTP with the heads that real clients send.
 */
import { Agent } from "node:http";
import type { Credentials } from "../../src/credentials.ts";
import { clients } from "../../src/policy/clients.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import { UpstreamFailure } from "../../src/upstream/failure.ts";
import type { Upstream } from "../../src/upstream/upstream.ts";
import type { FakeClock } from "../../test/support/fake-clock.ts";
import { type FakeEdge, fakeEdge } from "../../test/support/fake-edge.ts";
import { get, type Served, serveForTest } from "../../test/support/served.ts";
import { fakeCredentials } from "../../test/support/upstreams.ts";

export const pageStateNames = [
  "well",
  "storm",
  "outage",
  "expired",
  "cold",
  "many-identities",
  "many-clients",
] as const;
export type PageStateName = (typeof pageStateNames)[number];

/** A sidecar in one of the states; its clock stands still. */
export interface PageState {
  readonly served: Served;
  readonly edge: FakeEdge;
  /** A request of one of the clients, such as a page that refreshes itself must show. */
  readonly read: (client: ClientHead, times?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

interface ClientHead {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const JVM = "Linux/6.1.0 OpenJDK_64-Bit_Server_VM/17.0.20";

export const heads = {
  javaV1: { path: "/v1/credentials", headers: { "User-Agent": `aws-sdk-java/1.11.546 ${JVM} java/17.0.20` } },
  javaV2: { path: "/v1/credentials", headers: { "User-Agent": `aws-sdk-java/2.56.0 ${JVM}` } },
  botocore: { path: "/v1/credentials", headers: { "User-Agent": "python-urllib3/2.7.0", Accept: "*/*" } },
  goV1: { path: "/v1/credentials", headers: { "User-Agent": "aws-sdk-go/1.55.8 (go1.26.2; linux; amd64)" } },
  browser: { path: "/v1/credentials", headers: { Origin: "http://dashboard.example" } },
} as const satisfies Readonly<Record<string, ClientHead>>;

const ROLE_ARN = "arn:aws:iam::123456789012:role/orders-service";
const ROLE = { roleArn: ROLE_ARN, accountId: "123456789012" };

/** What the pod's manifest says, in the states whose upstream is STS. */
const ENV = {
  AWS_ROLE_ARN: ROLE_ARN,
  AWS_WEB_IDENTITY_TOKEN_FILE: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token",
  AWS_REGION: "eu-west-1",
};

/** What upstream does at each call, and how long it takes. */
type Answer =
  | { readonly lifetime: number; readonly tookMs: number }
  | { readonly fails: UpstreamFailure; tookMs: number };

/** An upstream that takes its time by the page state's clock. */
function upstreamOf(
  clock: FakeClock,
  description: string,
  answer: (call: number) => Answer,
  given: Partial<Credentials>,
) {
  let calls = 0;
  const upstream: Upstream = {
    description,
    timeoutMs: 15 * SECOND,
    async fetch() {
      calls += 1;
      const next = answer(calls);
      await new Promise<void>((resolve) => clock.setTimer(next.tookMs, resolve));
      if ("fails" in next) throw next.fails;
      return fakeCredentials(clock.now() + next.lifetime, given);
    },
  };
  return upstream;
}

const latencies = [142, 96, 118, 87, 131];
const hourly = (call: number): Answer => ({ lifetime: HOUR, tookMs: latencies[call % latencies.length] ?? 100 });

const unreachable = () =>
  new UpstreamFailure("unreachable", "upstream cannot be reached (ENOTFOUND)", { upstreamCode: "ENOTFOUND" });
const denied = () =>
  new UpstreamFailure("denied", "upstream denied it (AccessDenied)", { upstreamCode: "AccessDenied" });

const STS = "AssumeRoleWithWebIdentity";

/** So many clients as no pod has, by the names that their containers' URIs give them. */
const named = clients.slice(0, 32).map(({ name }) => ({ path: `/v1/for/${name}/credentials`, headers: {} }));
const names = ["default", "reports", "billing", "search", "mail", "audit", "exports", "images", "queue", "backup"];

const scripts: Readonly<Record<PageStateName, (state: Fixture) => Promise<void>>> = {
  async well({ start, read, minutes }) {
    await start(STS, hourly);
    await minutes(48, async (minute) => {
      if (minute % 20 === 0) await read(heads.javaV1);
      if (minute % 15 === 3) await read(heads.goV1);
    });
    await read(heads.javaV2);
    await minutes(4);
  },
  async storm({ start, read, minutes }) {
    await start("IMDS at 169.254.169.254", (call) => ({ lifetime: 15 * MINUTE, tookMs: 12 + (call % 3) * 9 }), {});
    await minutes(22, async (minute) => {
      if (minute % 6 === 0) await read(heads.javaV1);
      if (minute % 5 === 1) await read(heads.botocore, 2);
    });
    await minutes(8, (minute) => read(heads.botocore, 60 + ((minute * 37) % 60)));
    await read(heads.javaV1);
    await read(heads.botocore, 40);
  },
  async outage({ start, read, minutes }) {
    await start(STS, (call) => (call <= 2 ? hourly(call) : { fails: unreachable(), tookMs: 5_020 }));
    await minutes(70, async (minute) => {
      if (minute % 12 === 0) await read(heads.javaV1);
      if (minute % 15 === 3) await read(heads.goV1);
    });
  },
  async expired({ start, read, minutes }) {
    await start(STS, (call) => (call <= 1 ? hourly(call) : { fails: unreachable(), tookMs: 5_020 }));
    await minutes(66, async (minute) => {
      if (minute % 12 === 0) await read(heads.javaV1);
      if (minute === 40) await read(heads.goV1);
    });
    await read(heads.javaV1, 3);
  },
  async cold({ start, read, minutes }) {
    await start(STS, () => ({ fails: denied(), tookMs: 87 }));
    await minutes(3, async () => {
      await read(heads.javaV2, 2);
      await read(heads.browser);
    });
  },
  async "many-identities"({ start, read, minutes }) {
    const billing = (call: number): Answer => (call <= 1 ? hourly(call) : { fails: denied(), tookMs: 90 });
    await start(STS, (call, name) => (name === "billing" ? billing(call) : hourly(call)), ENV, names);
    await minutes(40, async (minute) => {
      const name = names[minute % names.length];
      if (minute % 3 === 0) await read({ ...heads.javaV1, path: `/v1/credentials/${name}` });
    });
  },
  async "many-clients"({ start, read, minutes }) {
    await start(STS, hourly);
    for (const client of named) await read(client);
    await minutes(25, async (minute) => {
      const client = named[minute % named.length];
      if (client !== undefined) await read(client, 1 + (minute % 4));
    });
  },
};

interface Fixture {
  readonly start: (
    description: string,
    answer: (call: number, identity: string) => Answer,
    env?: Readonly<Record<string, string>>,
    identities?: readonly string[],
  ) => Promise<void>;
  readonly read: PageState["read"];
  /** Lets so many minutes pass; `each` runs at the beginning of every one. */
  readonly minutes: (count: number, each?: (minute: number) => Promise<void>) => Promise<void>;
}

/** Longer than any client waits for the first credentials. */
const LONGEST_PATIENCE_MS = 5 * SECOND;

export async function openPageState(name: PageStateName): Promise<PageState> {
  const env: Record<string, string> = {};
  const edge = fakeEdge({ hostname: "orders-7f9c8d6b5-x2x4z", env });
  const agent = new Agent({ keepAlive: true });
  let served: Served | undefined;
  const read: PageState["read"] = async ({ path, headers }, times = 1) => {
    for (let time = 0; time < times; time += 1) await get(`${served?.url}${path}`, { headers, agent });
  };
  await scripts[name]({
    async start(description, answer, given = ENV, identities = ["default"]) {
      Object.assign(env, given);
      // The read waits for the refresh in flight, and the clock must go on meanwhile.
      const onCoalesced = () => void setImmediate(() => edge.clock.advance(LONGEST_PATIENCE_MS));
      const upstreams = Object.fromEntries(
        identities.map((name) => [name, upstreamOf(edge.clock, description, (call) => answer(call, name), ROLE)]),
      );
      served = await serveForTest({ edge, upstreams, observers: [{ onCoalesced }] });
      await edge.clock.advance(SECOND);
    },
    read,
    async minutes(count, each = async () => {}) {
      for (let minute = 0; minute < count; minute += 1) {
        await each(minute);
        await edge.clock.advance(MINUTE);
      }
    },
  });
  if (served === undefined) throw new Error(`the page state ${name} starts no sidecar`);
  const { close } = served;
  return {
    served,
    edge,
    read,
    async close() {
      agent.destroy();
      await close();
    },
  };
}
