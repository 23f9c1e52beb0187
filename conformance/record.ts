/**
 * `node conformance/record.ts [client…]`: what the clients that are built really send when they read credentials, kept in
 * `test/storms/recorded/`. Each signs a few requests, told as often as it asks that 14 minutes are left, then 4: what a
 * 15-minute and a 5-minute session come to without padding. So each recording also says who storms with which.
 */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { findClient, type Protocol } from "../src/policy/clients.ts";
import { formatTime } from "../src/time.ts";
import type { Head, Recording, Run } from "../test/storms/recording.ts";
import { runClient } from "./harness/client-run.ts";
import { type Client, readClients } from "./harness/clients.ts";
import { FakeAws } from "./harness/fake-aws.ts";
import { realClock } from "./harness/faketime.ts";
import { serve } from "./harness/http.ts";
import { Ledger } from "./harness/ledger.ts";
import { pointedAt } from "./harness/pointed-at.ts";
import { run, stopAll } from "./processes.ts";

const LIFETIMES_S = [840, 240] as const;
const REQUESTS = 20;
/** A process for each request: fewer show the same. */
const REQUESTS_OF_CLI = 4;
const LIMIT_MS = 90_000;
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = `${ROOT}test/storms/recorded`;

const FAKE = { accessKeyId: "ASIAFAKERECORDED0001", secretAccessKey: "fake-secret", sessionToken: "fake-token" };
const SESSION = "fake-session-token";

/** Values that are of one run, or of this machine, and what stands for them. */
const setup: Readonly<Record<string, string>> = {
  host: "127.0.0.1:9911",
  "amz-sdk-invocation-id": "00000000-0000-4000-8000-000000000000",
  "x-amzn-trace-id": "fake-trace",
};

function headOf({ method = "", url = "", rawHeaders }: IncomingMessage): Head {
  const headers = rawHeaders.flatMap((name, index) => {
    if (index % 2 === 1) return [];
    const value = setup[name.toLowerCase()] ?? rawHeaders[index + 1] ?? "";
    // Until when an attempt lasts, and the kernel that it runs on.
    return [
      `${name}: ${value.replace(/ttl=\d{8}T\d{6}Z/, "ttl=20260101T000000Z").replace(/\b6\.\d+\.\d+[\w.+-]*/, "6.1.0")}`,
    ];
  });
  return { method, target: url, headers };
}

/** An endpoint of either protocol that writes down what it was asked. */
async function openEndpoint(lifetimeS: number, { row }: Client) {
  const heads = new Map<string, { head: Head; count: number }>();
  const document = () => {
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token } = FAKE;
    const times = { LastUpdated: formatTime(Date.now()), Expiration: formatTime(Date.now() + lifetimeS * 1_000 + 999) };
    const RoleArn = "arn:aws:iam::123456789012:role/recorded";
    const { accessKeyIdField = "AccessKeyId" } = findClient(row) ?? {};
    const keys = { AccessKeyId, [accessKeyIdField]: AccessKeyId, SecretAccessKey, Token };
    return JSON.stringify({ Code: "Success", Type: "AWS-HMAC", RoleArn, ...keys, ...times });
  };
  const server = createServer((request, response) => {
    const head = headOf(request);
    const key = JSON.stringify(head);
    heads.set(key, { head, count: (heads.get(key)?.count ?? 0) + 1 });
    const [status, type, body, extra = {}] = answerTo(request, document);
    response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body), ...extra });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads: () => [...heads.values()],
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const ROLES = "/latest/meta-data/iam/security-credentials";

function answerTo({ method, url = "" }: IncomingMessage, document: () => string) {
  const ttl = { "x-aws-ec2-metadata-token-ttl-seconds": "21600" };
  const path = url.replace(/^\/+/, "/");
  if (method === "PUT") return [200, "text/plain", SESSION, ttl] as const;
  if (path === ROLES || path === `${ROLES}/`) return [200, "text/plain", "default"] as const;
  return /credentials/.test(path)
    ? ([200, "application/json", document()] as const)
    : ([404, "application/json", "{}"] as const);
}

/** A read that is answered with credentials. */
function isRead({ method, target }: Head): boolean {
  return method === "GET" && /credentials\/{0,2}[a-z]*$/.test(target) && !/security-credentials\/?$/.test(target);
}

interface Recorded {
  readonly version: string;
  readonly run: Run;
  readonly heads: readonly Head[];
}

/** One run of the client; throws when it read nothing. */
async function record(client: Client, protocol: Protocol, reportedSeconds: number): Promise<Recorded> {
  const endpoint = await openEndpoint(reportedSeconds, client);
  const ledger = new Ledger();
  ledger.record({ ...FAKE, expiration: Number.POSITIVE_INFINITY });
  const target = await serve(new FakeAws(ledger, Date.now).handle);
  const requests = client.processPerRequest ? REQUESTS_OF_CLI : REQUESTS;
  const env = {
    ...pointedAt({ protocol, url: endpoint.url }),
    // object_store reads the container protocol only when it is given a token's file.
    ...(client.name === "object-store" && protocol === "container"
      ? { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/dev/null" }
      : {}),
  };
  try {
    const end = await runClient(client, target.url, env, { requests, limitMs: LIMIT_MS }, realClock);
    const heads = endpoint.heads();
    const reads = heads.filter(({ head }) => isRead(head)).reduce((total, { count }) => total + count, 0);
    if (end.kind === "broken") throw new Error(`${client.name} ${protocol}: ${end.why}`);
    if (reads === 0) throw new Error(`${client.name} ${protocol}: read nothing; ${end.line.firstError}`);
    return {
      version: end.line.version,
      run: { reportedSeconds, requests, reads },
      heads: heads.map(({ head }) => head),
    };
  } finally {
    endpoint.close();
    await target.close();
  }
}

async function recordProtocol(client: Client, protocol: Protocol): Promise<Recording> {
  const recorded: Recorded[] = [];
  for (const reportedSeconds of LIFETIMES_S) recorded.push(await record(client, protocol, reportedSeconds));
  const heads = new Map(recorded.flatMap(({ heads: seen }) => seen.map((head) => [JSON.stringify(head), head])));
  const { name, sdk, row } = client;
  const day = new Date(Date.now()).toISOString().slice(0, 10);
  const runs = recorded.map(({ run }) => run);
  return {
    client: name,
    sdk,
    row,
    version: recorded[0]?.version ?? "",
    protocol,
    recorded: day,
    runs,
    heads: [...heads.values()],
  };
}

async function main(names: readonly string[]): Promise<number> {
  const all = await readClients(fileURLToPath(new URL("clients", import.meta.url)));
  const wanted = all.filter(({ name }) => names.length === 0 || names.includes(name));
  await mkdir(FOLDER, { recursive: true });
  let failed = 0;
  for (const client of wanted) {
    const tried = await Promise.allSettled(client.protocols.map((protocol) => recordProtocol(client, protocol)));
    const recordings = tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    for (const one of tried) {
      if (one.status === "fulfilled") continue;
      failed += 1;
      process.stderr.write(`${String(one.reason)}\n`);
    }
    if (recordings.length === 0) continue;
    await writeFile(`${FOLDER}/${client.name}.json`, `${JSON.stringify(recordings, undefined, 2)}\n`);
    const counts = recordings.map(({ protocol, runs }) => {
      return `${protocol} ${runs.map(({ reportedSeconds, reads, requests }) => `${reportedSeconds} s: ${reads}/${requests}`).join(", ")}`;
    });
    process.stdout.write(`${client.name}: ${counts.join("; ")}\n`);
  }
  // The project's own format, so that a new recording differs by what was sent alone.
  await run("node_modules/.bin/biome", ["format", "--write", FOLDER], {}, { cwd: ROOT });
  await stopAll();
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
