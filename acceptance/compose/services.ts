/** The services of a compose file, read by Docker Compose's own loader, and started as processes that share the loopback. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run, start } from "../../conformance/processes.ts";
import { temporaryDirectory, writeShared } from "../../test/support/environment.ts";
import { fakeServer } from "../../test/support/fake-http.ts";
import { startMoto } from "../moto.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
export const main = path("../../src/main.ts");

export type Env = Readonly<Record<string, string>>;

export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string };
  readonly command?: readonly string[];
  readonly environment: Env;
  readonly network_mode?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly { readonly host_ip: string; readonly published: string; readonly target: number }[];
  readonly volumes?: readonly { readonly source: string; readonly target: string; readonly read_only?: boolean }[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly user?: string;
}

export type Services = Readonly<Record<"app" | "sidecar", Service>>;

/** `file` is a path; `env` is what the shell has that starts Docker Compose. */
export const load = (file: string, env: Env): Promise<Ran> => run(path("build/compose-load"), [file], env);

export async function servicesOf(file: string, env: Env = {}): Promise<Services> {
  const { code, stdout, stderr } = await load(file, env);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).services;
}

export const aws = startMoto();

/** A service's variables with the addresses of here; its own settings are not touched but for the ports. */
const here = (env: Env): Env =>
  Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace("http://aws:5000", aws())]));

export async function startSidecar(t: TestContext, { environment }: Service, given: Env = {}): Promise<string> {
  const ports = { SIDECAR_LISTEN: "127.0.0.1:0", SIDECAR_ADMIN_LISTEN: "127.0.0.1:0" };
  const { match, stop } = await start({
    command: process.execPath,
    args: [main],
    env: { ...here(environment), ...ports, ...given },
    ready: /"credentials":\["([\d.:]+)"\][\s\S]*"code":"Ready"/,
  });
  t.after(stop);
  return `http://${match[1]}`;
}

export function startApp(
  { command = [], environment }: Service,
  url: string,
  more: readonly string[] = [],
): Promise<Ran> {
  const uri = environment.AWS_CONTAINER_CREDENTIALS_FULL_URI?.replace("http://127.0.0.1:9911", url) ?? "";
  const args = [...command, ...more].map((argument) => argument.replace("http://aws:5000", aws()));
  return run("/usr/bin/aws", [...args, "--output", "json"], {
    ...here(environment),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: uri,
    AWS_EC2_METADATA_DISABLED: "true",
  });
}

/** A home as `aws sso login --profile dev` leaves it, and the portal that gives the profile's credentials. */
export async function loggedIn(t: TestContext): Promise<Env> {
  const expiration = Date.now() + 3_600_000;
  const keys = { accessKeyId: "ASIAFAKESSO000000001", secretAccessKey: "fake-sso-secret", sessionToken: "fake-sso" };
  const portal = await fakeServer(t, () => ({ body: JSON.stringify({ roleCredentials: { ...keys, expiration } }) }));
  const home = temporaryDirectory(t);
  writeShared(home, {
    config: `[profile dev]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = developer
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example.test/start
`,
  });
  const cache = join(home, ".aws/sso/cache");
  mkdirSync(cache, { recursive: true });
  const login = { accessToken: "fake-sso-login", expiresAt: "2099-01-01T00:00:00Z" };
  writeFileSync(join(cache, `${createHash("sha1").update("corp").digest("hex")}.json`), JSON.stringify(login));
  return { HOME: home, AWS_ENDPOINT_URL_SSO: portal.url };
}
