/** What stands beside the sidecar, and the sidecar as the image runs it. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Document } from "./document.ts";
import { CACHE, type Layout, nodeFlags } from "./image.ts";
import { freePort, type Running, start, startAsking } from "./servers.ts";
import type { Upstream } from "./upstream.ts";

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
const ON_FREE_PORTS = ["--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0"];

export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<Running>;
}

export const SIDECAR = "sidecar";
export const BARE_NODE = "bare node:http";

/** The sidecar with web identity over TLS, as in most pods; or with other flags and variables. */
export function sidecar(
  { main, env }: Layout,
  flags: readonly string[],
  more: Readonly<Record<string, string>>,
  until: "Started" | "Ready" = "Ready",
): Contestant {
  const args = [...nodeFlags, main, ...flags, ...ON_FREE_PORTS];
  return { name: SIDECAR, start: () => start({ args, env: { ...env, ...more } }, until) };
}

export function webIdentity(layout: Layout, { origin, certificate }: Upstream): Contestant {
  return sidecar(layout, ["--upstream=web-identity"], {
    AWS_ENDPOINT_URL_STS: origin,
    NODE_EXTRA_CA_CERTS: certificate,
    AWS_REGION: "eu-west-1",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/etc/hostname",
  });
}

export function bareNode(document: Document, how: "buffer" | "string" = "buffer"): Contestant {
  const args = [...nodeFlags, pathOf("bare-server.mjs"), JSON.stringify({ ...document, how })];
  return { name: how === "buffer" ? BARE_NODE : `${BARE_NODE}, text`, start: () => start({ args }) };
}

/** `net/http` on one core, as the sidecar has one. */
export async function bareGo(document: Document): Promise<Contestant> {
  const command = `${CACHE}bare-go`;
  const built = () => promisify(execFile)("go", ["build", "-o", command, "."], { cwd: pathOf("go/") });
  if (!existsSync(command)) await built();
  const args = [JSON.stringify({ Headers: document.headers, Body: document.body })];
  return { name: "bare Go net/http", start: () => start({ command, args, env: { GOMAXPROCS: "1" } }) };
}

/** The practical limit: the document as a constant of nginx's configuration, in one worker. */
export function nginx({ headers, body }: Document): Contestant {
  const lines = headers.flatMap((name, index) =>
    index % 2 === 1 || name === "Content-Length" || name === "Content-Type"
      ? []
      : [`add_header ${name} ${headers[index + 1]};`],
  );
  return {
    name: "nginx",
    async start() {
      const port = await freePort();
      const folder = `${CACHE}nginx-${port}`;
      mkdirSync(folder, { recursive: true });
      writeFileSync(
        `${folder}/nginx.conf`,
        `daemon off; worker_processes 1; pid ${folder}/pid; error_log /dev/null; events { worker_connections 8192; }
        http { access_log off; default_type application/json; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b;
          fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
          server { listen 127.0.0.1:${port}; keepalive_requests 1000000; ${lines.join(" ")} location / { return 200 '${body}'; } } }`,
      );
      const args = ["-e", "/dev/null", "-p", folder, "-c", `${folder}/nginx.conf`];
      const command = existsSync(`${CACHE}nginx/usr/sbin/nginx`) ? `${CACHE}nginx/usr/sbin/nginx` : "nginx";
      return await startAsking({ command, args }, `http://127.0.0.1:${port}/v1/credentials`);
    },
  };
}
