/** The sidecar of a node and those of its pods, each in a network namespace of its own, with the routes of a node. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ran, run, type Started, start } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { busyboxPath } from "./support/busybox.ts";
import { type KubernetesObject, podOf, read, root, sidecarOf } from "./support/manifests.ts";
import { PodFolders } from "./support/pod-folders.ts";

const application = fileURLToPath(new URL("application.ts", import.meta.url));
const TOKEN = "fake-token-of-the-node";

type Environment = Readonly<Record<string, string>>;

function podIn(file: string): KubernetesObject {
  return read(`examples/kubernetes/${file}`).flatMap((object) => podOf(object) ?? [])[0] ?? assert.fail(file);
}

/** The folders of a pod whose Secret has this token. */
function foldersOf(t: TestContext, pod: KubernetesObject, token: string): PodFolders {
  const folder = temporaryDirectory(t);
  const folders = new PodFolders(folder, pod, []);
  mkdirSync(join(folder, "aws-credential-node"), { recursive: true });
  writeFileSync(join(folder, "aws-credential-node", "token"), token);
  return folders;
}

/** The node's sidecar without any capability, on the demo's upstream; the init step adds the address. */
async function beginNode(t: TestContext): Promise<Started> {
  const pod = podIn("node.yaml");
  const path = await busyboxPath(temporaryDirectory(t));
  const [, , address = ""] = pod.spec?.initContainers?.[0]?.command ?? [];
  const script = [
    `export PATH=${path}`,
    "ip link set lo up",
    address,
    'exec /usr/bin/setpriv --bounding-set=-all --inh-caps=-all --no-new-privs "$@"',
  ].join("\n");
  const node = await start({
    command: "/usr/bin/unshare",
    args: ["--net", `${path}/sh`, "-ec", script, "sh", process.execPath, `${root}/src/main.ts`, "--upstream=demo"],
    env: foldersOf(t, pod, TOKEN).environmentOf(sidecarOf(pod) ?? assert.fail("no sidecar")),
    ready: /"code":"Ready"/,
  });
  t.after(async () => await node.stop());
  return node;
}

function inNetworkOf(pid: number | undefined, command: readonly string[], env: Environment = {}): Promise<Ran> {
  return run("/usr/bin/nsenter", ["--net", `--target=${pid}`, ...command], env);
}

/** A pod's network: a link to the node, which is the way to everything else. Gives the process that holds it. */
async function podNetwork(t: TestContext, node: Started, number: number): Promise<number> {
  const args = ["--net", "/bin/sh", "-c", "echo up; exec sleep 600"];
  const holder = await start({ command: "/usr/bin/unshare", args, ready: /^up$/m });
  t.after(async () => await holder.stop());
  const pid = holder.pid ?? assert.fail("no process");
  const ip = async (of: number | undefined, words: string) => {
    const { code, stderr } = await inNetworkOf(of, ["/usr/sbin/ip", ...words.split(" ")]);
    assert.equal(code, 0, `ip ${words}: ${stderr}`);
  };
  await ip(node.pid, `link add pod${number} type veth peer name eth0 netns ${pid}`);
  await ip(node.pid, `addr add 10.9.${number}.1/24 dev pod${number}`);
  await ip(node.pid, `link set pod${number} up`);
  await ip(pid, "link set lo up");
  await ip(pid, `addr add 10.9.${number}.2/24 dev eth0`);
  await ip(pid, "link set eth0 up");
  await ip(pid, `route add default via 10.9.${number}.1`);
  return pid;
}

interface Pod {
  readonly sidecar: Started;
  /** What the application beside the sidecar finds. */
  readonly apply: () => Promise<Ran>;
}

async function beginPod(t: TestContext, network: number, token: string, ready: RegExp): Promise<Pod> {
  const pod = podIn("node-pod.yaml");
  const folders = foldersOf(t, pod, token);
  const sidecar = await start({
    command: "/usr/bin/nsenter",
    args: ["--net", `--target=${network}`, process.execPath, `${root}/src/main.ts`],
    env: folders.environmentOf(sidecarOf(pod) ?? assert.fail("no sidecar")),
    ready,
  });
  t.after(async () => await sidecar.stop());
  const [container] = pod.spec?.containers ?? [];
  const env = {
    ...folders.environmentOf(container ?? assert.fail("no application")),
    AWS_EC2_METADATA_DISABLED: "true",
  };
  return { sidecar, apply: () => inNetworkOf(network, [process.execPath, application], env) };
}

const timesIn = (output: string, code: string): number => output.split(`"code":"${code}"`).length - 1;

test("node.yaml: the applications of all pods get the node's credentials, which are fetched once", async (t) => {
  const node = await beginNode(t);
  const networks = [await podNetwork(t, node, 1), await podNetwork(t, node, 2)];
  const pods = await Promise.all(networks.map((network) => beginPod(t, network, TOKEN, /"code":"Ready"/)));
  const found = await Promise.all(pods.map(({ apply }) => apply()));
  for (const { stdout, stderr } of found) assert.match(stdout, /^ASIADEMO[0-9A-F]{12}$/, stderr);
  assert.equal(new Set(found.map(({ stdout }) => stdout)).size, 1);
  assert.equal(timesIn(node.output(), "Refreshed"), 1);
});

/** Prints the status and the code of the answer. */
const ASK = `require("node:http").get("http://169.254.170.2:9911/v1/credentials", async (answer) => {
  let text = "";
  for await (const chunk of answer) text += chunk;
  console.log(answer.statusCode, text);
});`;

test("node.yaml: a pod without the token gets nothing, and its sidecar says why", async (t) => {
  const node = await beginNode(t);
  const network = await podNetwork(t, node, 1);
  const { stdout, stderr } = await inNetworkOf(network, [process.execPath, "-e", ASK]);
  assert.match(stdout, /^401 .*"TokenRequired"/, stderr);
  assert.doesNotMatch(stdout, /ASIA/);
  const { sidecar } = await beginPod(t, network, "fake-token-of-another-node", /"code":"RefreshFailed"/);
  assert.match(sidecar.output(), /"class":"denied"/);
});
