/** A network namespace and a memory cgroup with the bundle in it, as a pod has them. Needs root. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ran, run, type Started, start } from "../../conformance/processes.ts";
import { selfSigned } from "../certificate.ts";
import { MEMORY_LIMIT_MIB } from "../limits.ts";
import { type Charged, createCgroup } from "./cgroup.ts";
import { ownNode } from "./own-node.ts";
import { addresses } from "./programs/addresses.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = fileURLToPath(new URL("programs/", import.meta.url));

/** As the image starts Node. */
const [, entryPoint = ""] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(`${root}/Dockerfile`, "utf8")) ?? [];
export const nodeFlags: readonly string[] = JSON.parse(entryPoint).filter((word: string) => word.startsWith("--"));

export interface Pod extends AsyncDisposable {
  readonly charged: () => Charged;
  readonly killed: () => number;
  readonly majorFaults: () => number;
  /** What the sidecar has printed. */
  readonly output: () => string;
  /** Runs a command of the sidecar in its container, as `kubectl exec` does, for at most half a minute. */
  readonly exec: (command: string) => Promise<Ran>;
  /** Starts one of `programs/` beside the sidecar, outside its cgroup. */
  readonly start: (file: string, ready: RegExp, ...args: readonly string[]) => Promise<Started>;
  readonly run: (file: string, ...args: readonly string[]) => Promise<Ran>;
}

const EXEC_LIMIT_MS = 30_000;

/** An attacker is another container with a CPU share of its own: what is measured is not who gets the tester's CPU. */
const LOW_PRIORITY = ["nice", "-n", "10"];

/** Peers that never read leave as little as they can in their own buffers, so that the sidecar's bear it. */
const SMALL_BUFFERS = "4096 8192 8192";

const script = [
  "ip link set lo up",
  `ip address add ${addresses.pod.host}/32 dev lo`,
  `ip address add ${addresses.outside}/32 dev lo`,
  `sysctl -qw net.ipv4.tcp_rmem="${SMALL_BUFFERS}"`,
  'exec "$@"',
].join("\n");

export interface PodOptions {
  /** `answering`: the sidecar is warm, with web identity over TLS. `hanging`: it never gets credentials. */
  readonly upstream: "answering" | "hanging";
  /** `own`: nothing of Node is in memory, as after a reboot, so that all of its pages are charged to this pod. */
  readonly pages?: "shared" | "own";
  readonly limitMib?: number;
}

export async function startPod(options: PodOptions): Promise<Pod> {
  const { upstream, pages = "shared", limitMib = MEMORY_LIMIT_MIB } = options;
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "sidecar-load-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { certificate } = await selfSigned(folder);
  const node = pages === "own" ? await ownNode(folder) : process.execPath;
  const cgroup = resources.use(createCgroup(limitMib));
  const holder = await start({
    command: "unshare",
    args: ["--net", "sh", "-ec", script, "sh", process.execPath, `${programs}hang.ts`],
    ready: /listening/,
  });
  resources.defer(() => holder.stop());
  const inside = ["--net", `--target=${holder.pid}`];
  const beside = (path: string, ready: RegExp, ...args: readonly string[]) =>
    start({ command: "nsenter", args: [...inside, ...LOW_PRIORITY, process.execPath, path, ...args], ready });
  const aws = await beside(`${root}/acceptance/image/beside/aws.ts`, /listening/, folder);
  resources.defer(() => aws.stop());
  const { host, port } = addresses.hanging;
  const endpoint = upstream === "answering" ? "https://127.0.0.1:8443" : `http://${host}:${port}`;
  const listen = ["--listen=127.0.0.1:9911", "--admin-listen=:9912"];
  const env = {
    NODE_ENV: "production",
    TZ: "UTC",
    NODE_EXTRA_CA_CERTS: certificate,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_REGION: "eu-west-1",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/etc/hostname",
  };
  const enter = ["-ec", 'echo $$ > "$0/cgroup.procs"; exec nsenter "$@"', cgroup.path, ...inside, node];
  const sidecar = await start({
    command: "sh",
    args: [...enter, ...nodeFlags, `${root}/dist/main.mjs`, "--upstream=web-identity", ...listen],
    env,
    ready: upstream === "answering" ? /"code":"Ready"/ : /"code":"Started"/,
  });
  resources.defer(() => sidecar.stop());
  const kept = resources.move();
  return {
    charged: cgroup.charged,
    killed: cgroup.killed,
    majorFaults: cgroup.majorFaults,
    output: sidecar.output,
    exec: (command) => run("sh", [...enter, `${root}/dist/main.mjs`, command], env, { limitMs: EXEC_LIMIT_MS }),
    start: (file, ready, ...args) => beside(`${programs}${file}`, ready, ...args),
    run: (file, ...args) => run("nsenter", [...inside, process.execPath, `${programs}${file}`, ...args], {}),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
