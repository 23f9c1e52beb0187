/**
 * Other programs that serve credentials on localhost, as far as the Go module proxy gives them: `bench/install.sh
 * --peers` builds them. Beside the sidecar on the same protocol, in one run, turn by turn.
 */
import { existsSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type Contestant, SIDECAR, webIdentity } from "./contestants.ts";
import { read } from "./document.ts";
import { idleMb, measureStarts } from "./footprint.ts";
import { CACHE, type Layout } from "./image.ts";
import { warm } from "./reads.ts";
import { freePort, type Running, startAsking } from "./servers.ts";
import { type ReadsRow, readsRows } from "./summary.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const ROLES = "/latest/meta-data/iam/security-credentials/";
const SIDECAR_IMDS = `${SIDECAR}, IMDSv2`;

/** What a read got while upstream denied and the credentials that it had given were still valid. */
export type WhileDenied = "the credentials, still" | "credentials without keys" | `${number}` | typeof NOT_ASKED;

const NOT_ASKED = "nothing is asked of an upstream";

export interface PeerRow extends ReadsRow {
  readonly readyMs: number;
  readonly idleMb: number;
  readonly whileDenied: WhileDenied;
}

/**
 * So long a session that every program here has asked for another before it ends: the sidecar does after a third, the
 * helper of IAM Roles Anywhere at the first read with less than ten minutes left.
 */
const SHORT_SESSION_MS = 180_000;
const DENIED_FOR_MS = 90_000;

export async function measurePeers(layout: Layout, upstream: Upstream): Promise<readonly PeerRow[]> {
  const contestants = all(layout, upstream);
  const rows = readsRows(await warm(contestants, "kept"), SIDECAR);
  const starts = await measureStarts(contestants);
  const denied = await Promise.all(contestants.map((_, index) => whileDenied(layout, index)));
  const found: PeerRow[] = [];
  for (const [index, row] of rows.entries()) {
    const server = await contestants[index]?.start();
    const idle = server === undefined ? Number.NaN : await idleMb(server);
    await server?.stop();
    found.push({
      ...row,
      readyMs: starts[index]?.readyMs ?? Number.NaN,
      idleMb: Math.round(idle * 10) / 10,
      whileDenied: denied[index] ?? NOT_ASKED,
    });
  }
  return found;
}

function all(layout: Layout, upstream: Upstream): readonly Contestant[] {
  const ours = webIdentity(layout, upstream);
  return [ours, overImds(ours), ...peers(upstream)];
}

function peers({ origin, certificate, key }: Upstream): readonly Contestant[] {
  const arn = (what: string) =>
    `arn:aws:rolesanywhere:eu-west-1:123456789012:${what}/00000000-0000-0000-0000-000000000000`;
  const helper = `${CACHE}rolesanywhere-credential-helper`;
  const mock = `${CACHE}amazon-ec2-metadata-mock`;
  const all = [
    imdsPeer("IAM Roles Anywhere helper, serve", helper, (port) => [
      ...["serve", "--port", port, "--endpoint", origin, "--no-verify-ssl", "--region", "eu-west-1"],
      ...["--certificate", certificate, "--private-key", key],
      ...["--role-arn", "arn:aws:iam::123456789012:role/app"],
      ...["--trust-anchor-arn", arn("trust-anchor"), "--profile-arn", arn("profile")],
    ]),
    imdsPeer("amazon-ec2-metadata-mock", mock, (port) => ["--hostname", "127.0.0.1", "--port", port]),
  ];
  const built = all.filter(({ program }) => existsSync(program));
  if (built.length === 0) throw new Error("no peer is there: bash bench/install.sh --peers builds them");
  return built;
}

function imdsPeer(name: string, command: string, args: (port: string) => readonly string[]) {
  return {
    name,
    program: command,
    async start(): Promise<Running> {
      const port = await freePort();
      const origin = `http://127.0.0.1:${port}`;
      const found = { url: "" };
      const server = await startAsking(
        { command, args: args(`${port}`), env: { HOME: CACHE } },
        `${origin}${ROLES}`,
        () => sessionOf(origin),
      );
      found.url = `${origin}${ROLES}${(await read(`${origin}${ROLES}`, server.headers)).body.trim()}`;
      return { ...server, ...found };
    },
  };
}

/** The same sidecar, asked as an IMDS is. */
function overImds({ start }: Contestant): Contestant {
  return {
    name: SIDECAR_IMDS,
    async start(): Promise<Running> {
      const server = await start();
      const { origin } = new URL(server.url);
      const headers = await sessionOf(origin);
      const { body } = await read(`${origin}${ROLES}`, headers);
      return { ...server, url: `${origin}${ROLES}${body}`, headers };
    },
  };
}

/** What an IMDSv2 request carries. */
function sessionOf(origin: string): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const headers = { "X-aws-ec2-metadata-token-ttl-seconds": "21600", "Content-Length": "0" };
  request(`${origin}/latest/api/token`, { method: "PUT", headers, agent: false }, async (response) => {
    const text = Buffer.concat(await response.toArray()).toString();
    if (response.statusCode === 200) resolve([`X-aws-ec2-metadata-token: ${text}`]);
    else reject(new Error(`no session: ${response.statusCode}`));
  })
    .on("error", reject)
    .end();
  return promise;
}

/** With an upstream of its own, which gives once, and then denies. */
async function whileDenied(layout: Layout, index: number): Promise<WhileDenied> {
  const upstream = await startUpstream();
  upstream.lifetimeMs = SHORT_SESSION_MS;
  const server = await all(layout, upstream)[index]?.start();
  if (server === undefined) throw new Error("no such program");
  upstream.denies = true;
  const given = upstream.calls;
  await sleep(given === 0 ? 0 : DENIED_FOR_MS);
  const { status, body } = await read(server.url, server.headers);
  const asked = upstream.calls > given;
  await server.stop();
  upstream.close();
  return asked ? verdict(status, body) : NOT_ASKED;
}

function verdict(status: number | undefined, body: string): WhileDenied {
  if (status !== 200) return `${status ?? 0}`;
  return /"AccessKeyId"\s*:\s*""/.test(body) ? "credentials without keys" : "the credentials, still";
}
