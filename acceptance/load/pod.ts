/** A network namespace and a memory cgroup with the bundle in it, as a pod has them. Needs root. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ran, run, type Started, start } from "../../conformance/processes.ts";
import { selfSigned } from "../certificate.ts";
import { addresses } from "./programs/addresses.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const programs = fileURLToPath(new URL("programs/", import.meta.url));

const LIMIT_BYTES = 64 * 1_048_576;

/** As the image starts Node. */
const [, entryPoint = ""] = /^ENTRYPOINT (\[.*\])$/m.exec(readFileSync(`${root}/Dockerfile`, "utf8")) ?? [];
export const nodeFlags: readonly string[] = JSON.parse(entryPoint).filter((word: string) => word.startsWith("--"));

/** In bytes. */
export interface Charged {
  /** Memory that only this process has. */
  readonly anonymous: number;
  /** What the kernel holds for the sockets: unread answers, and requests that were not read. */
  readonly sockets: number;
}

interface Cgroup extends Disposable {
  readonly path: string;
  readonly charged: () => Charged;
  readonly killed: () => number;
}

/** A memory cgroup of 64 MiB, of whichever version the machine has. The first version counts sockets apart. */
function createCgroup(): Cgroup {
  const name = `sidecar-load-${process.pid}-${Date.now()}`;
  const first = "/sys/fs/cgroup/memory";
  const isFirst = existsSync(`${first}/memory.limit_in_bytes`);
  const path = `${isFirst ? first : "/sys/fs/cgroup"}/${name}`;
  if (!isFirst) writeFileSync("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
  mkdirSync(path);
  writeFileSync(`${path}/${isFirst ? "memory.limit_in_bytes" : "memory.max"}`, `${LIMIT_BYTES}`);
  // Sockets are counted from the moment that they have a limit.
  if (isFirst) writeFileSync(`${path}/memory.kmem.tcp.limit_in_bytes`, `${LIMIT_BYTES * 4}`);
  const read = (file: string) => readFileSync(`${path}/${file}`, "utf8");
  const stat = (field: string) => Number(new RegExp(`^${field} (\\d+)$`, "m").exec(read("memory.stat"))?.[1]);
  return {
    path,
    charged: () =>
      isFirst
        ? { anonymous: stat("total_rss"), sockets: Number(read("memory.kmem.tcp.usage_in_bytes")) }
        : { anonymous: stat("anon"), sockets: stat("sock") },
    killed: () => {
      const events = read(isFirst ? "memory.oom_control" : "memory.events");
      return Number(/^oom_kill (\d+)$/m.exec(events)?.[1]);
    },
    [Symbol.dispose]: () => rmdirSync(path),
  };
}

export interface Pod extends AsyncDisposable {
  readonly charged: () => Charged;
  readonly killed: () => number;
  /** What the sidecar has printed. */
  readonly output: () => string;
  /** Starts one of `programs/` beside the sidecar, outside its cgroup. */
  readonly start: (file: string, ready: RegExp, ...args: readonly string[]) => Promise<Started>;
  readonly run: (file: string, ...args: readonly string[]) => Promise<Ran>;
}

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

/** A pod whose sidecar is warm, with web identity over TLS, or never gets credentials. */
export async function startPod(upstream: "answering" | "hanging"): Promise<Pod> {
  await using resources = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), "sidecar-load-"));
  resources.defer(() => rmSync(folder, { recursive: true, force: true }));
  const { certificate } = await selfSigned(folder);
  const cgroup = resources.use(createCgroup());
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
  const sidecar = await start({
    command: "sh",
    args: [
      "-ec",
      'echo $$ > "$0/cgroup.procs"; exec nsenter "$@"',
      cgroup.path,
      ...inside,
      process.execPath,
      ...nodeFlags,
      `${root}/dist/main.mjs`,
      "--upstream=web-identity",
      ...listen,
    ],
    env: {
      NODE_ENV: "production",
      TZ: "UTC",
      NODE_EXTRA_CA_CERTS: certificate,
      AWS_ENDPOINT_URL_STS: endpoint,
      AWS_REGION: "eu-west-1",
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/app",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/etc/hostname",
    },
    ready: upstream === "answering" ? /"code":"Ready"/ : /"code":"Started"/,
  });
  resources.defer(() => sidecar.stop());
  const kept = resources.move();
  return {
    charged: cgroup.charged,
    killed: cgroup.killed,
    output: sidecar.output,
    start: (file, ready, ...args) => beside(`${programs}${file}`, ready, ...args),
    run: (file, ...args) => run("nsenter", [...inside, process.execPath, `${programs}${file}`, ...args], {}),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
