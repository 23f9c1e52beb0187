/** The example with link-local addresses, in a network namespace of its own, as a pod has one. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run, start } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { busyboxPath } from "./support/busybox.ts";
import { type Container, podOf, read, root, sidecarOf } from "./support/manifests.ts";

const application = fileURLToPath(new URL("application.ts", import.meta.url));
const pod = read("examples/kubernetes/link-local.yaml").flatMap((object) => podOf(object) ?? [])[0];
assert.ok(pod?.spec);
const { initContainers = [], containers, securityContext } = pod.spec;

type Environment = Readonly<Record<string, string>>;

interface Pod {
  /** The sidecar's process. */
  readonly pid: number;
  /** Runs the application beside it. */
  readonly apply: (env: Environment) => Promise<Ran>;
}

/**
 * The container runtime's part (the loopback is up, the pod's sysctls are set), the init step by busybox, then the sidecar
 * without any capability, on the demo's upstream: nothing else can be reached from there. Gives what an application beside
 * it prints.
 */
async function begin(t: TestContext): Promise<Pod> {
  const path = await busyboxPath(temporaryDirectory(t));
  const [, , addresses = ""] = initContainers[0]?.command ?? [];
  const script = [
    `export PATH=${path}`,
    "ip link set lo up",
    ...(securityContext?.sysctls ?? []).map(({ name, value }) => `sysctl -qw ${name}=${value}`),
    addresses,
    'exec /usr/bin/setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
  ].join("\n");
  const sidecar = await start({
    command: "/usr/bin/unshare",
    args: ["--net", `${path}/sh`, "-ec", script, "sh", process.execPath, `${root}/src/main.ts`, "--upstream=demo"],
    env: variablesOf(sidecarOf(pod ?? assert.fail())),
    ready: /"code":"Ready"/,
  });
  t.after(async () => await sidecar.stop());
  return {
    pid: sidecar.pid ?? assert.fail("no process"),
    apply: (env) => inNetworkOf(sidecar.pid, [process.execPath, application], env),
  };
}

function inNetworkOf(pid: number | undefined, [...command]: readonly string[], env: Environment = {}): Promise<Ran> {
  return run("/usr/bin/nsenter", ["--net", `--target=${pid}`, ...command], env);
}

function variablesOf({ env = [] }: Partial<Container> = {}): Environment {
  return Object.fromEntries(env.map(({ name, value = "" }) => [name, value]));
}

test("link-local.yaml: the application finds the credentials at the address of ECS", async (t) => {
  const { apply } = await begin(t);
  const { stdout, stderr } = await apply({ ...variablesOf(containers[0]), AWS_EC2_METADATA_DISABLED: "true" });
  assert.match(stdout, /^ASIA/, stderr);
});

test("link-local.yaml: a client of the instance metadata service that is told nothing finds them at its address", async (t) => {
  const { apply } = await begin(t);
  const { stdout, stderr } = await apply({});
  assert.match(stdout, /^ASIA/, stderr);
});

/** Another host on the pod's link, as the other pods of a node may be. Gives its process. */
async function neighbourOf(t: TestContext, pod: Pod): Promise<number> {
  const args = ["--net", "/bin/sh", "-c", "echo up; exec sleep 600"];
  const neighbour = await start({ command: "/usr/bin/unshare", args, ready: /^up$/m });
  t.after(async () => await neighbour.stop());
  const pid = neighbour.pid ?? assert.fail("no process");
  const ip = async (of: number, ...words: readonly string[]) => {
    const { code, stderr } = await inNetworkOf(of, ["/usr/sbin/ip", ...words]);
    assert.equal(code, 0, stderr);
  };
  await ip(pod.pid, "link", "add", "pod0", "type", "veth", "peer", "name", "host0", "netns", String(pid));
  await ip(pod.pid, "addr", "add", "10.9.0.1/24", "dev", "pod0");
  await ip(pod.pid, "link", "set", "pod0", "up");
  await ip(pid, "addr", "add", "10.9.0.2/24", "dev", "host0");
  await ip(pid, "link", "set", "host0", "up");
  await ip(pid, "route", "add", "169.254.0.0/16", "via", "10.9.0.1");
  return pid;
}

/** Prints the status and the code of the answer. */
const ASK = `const [method, host, path, ...headers] = process.argv.slice(1);
require("node:http").request({ method, host, path, headers: ["Host", host, ...headers] }, async (answer) => {
  let text = "";
  for await (const chunk of answer) text += chunk;
  console.log(answer.statusCode, text);
}).end();`;

test("link-local.yaml: a neighbour with a route to the addresses gets nothing, and the application still does", async (t) => {
  const pod = await begin(t);
  const pid = await neighbourOf(t, pod);
  const ttl = ["X-aws-ec2-metadata-token-ttl-seconds", "60"];
  for (const [method, host, path, ...headers] of [
    ["GET", "169.254.170.2", "/v1/credentials"],
    ["GET", "169.254.170.2", "/nowhere"],
    ["GET", "169.254.169.254", "/latest/meta-data/iam/security-credentials/default"],
    ["PUT", "169.254.169.254", "/latest/api/token", ...ttl],
  ] as const) {
    const command = [process.execPath, "-e", ASK, "--", method, host, path, ...headers];
    const { stdout, stderr } = await inNetworkOf(pid, command);
    assert.match(stdout, /^403 .*"PeerNotLocal"/, stderr);
    const own = await inNetworkOf(pod.pid, command);
    assert.match(own.stdout, /^(?:200|401|404) /, own.stderr);
  }
  const { stdout, stderr } = await pod.apply({ ...variablesOf(containers[0]), AWS_EC2_METADATA_DISABLED: "true" });
  assert.match(stdout, /^ASIA/, stderr);
});
