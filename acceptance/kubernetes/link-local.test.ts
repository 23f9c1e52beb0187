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

/**
 * The container runtime's part (the loopback is up, the pod's sysctls are set), the init step by busybox, then the sidecar
 * without any capability, on the demo's upstream: nothing else can be reached from there. Gives what an application beside
 * it prints.
 */
async function begin(t: TestContext): Promise<(env: Environment) => Promise<Ran>> {
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
  return (env) => run("/usr/bin/nsenter", ["--net", `--target=${sidecar.pid}`, process.execPath, application], env);
}

function variablesOf({ env = [] }: Partial<Container> = {}): Environment {
  return Object.fromEntries(env.map(({ name, value = "" }) => [name, value]));
}

test("link-local.yaml: the application finds the credentials at the address of ECS", async (t) => {
  const apply = await begin(t);
  const { stdout, stderr } = await apply({ ...variablesOf(containers[0]), AWS_EC2_METADATA_DISABLED: "true" });
  assert.match(stdout, /^ASIA/, stderr);
});

test("link-local.yaml: a client of the instance metadata service that is told nothing finds them at its address", async (t) => {
  const apply = await begin(t);
  const { stdout, stderr } = await apply({});
  assert.match(stdout, /^ASIA/, stderr);
});
