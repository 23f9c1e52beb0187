/** Every example as it is, with its containers as processes: the sidecar on a faked upstream, the application on a real SDK. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";
import { documentAnswer } from "../../test/support/credential-documents.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { type FakeServer, fakeServer } from "../../test/support/fake-http.ts";
import { fakeImds } from "../../test/support/fake-imds.ts";
import { type Serving, serveProgram } from "../../test/support/program.ts";
import { actionOf, stsAnswer, stsSession } from "../../test/support/sts-answers.ts";
import { busyboxPath } from "./support/busybox.ts";
import { kustomize } from "./support/kubectl.ts";
import { type Container, type KubernetesObject, plainFiles, podOf, read, sidecarOf } from "./support/manifests.ts";
import { PodFolders } from "./support/pod-folders.ts";
import { podIdentity, webIdentity } from "./support/webhook.ts";

const application = fileURLToPath(new URL("application.ts", import.meta.url));

const AGENT_KEY = "ASIAFAKEAGENT0000001";
const IMDS_KEY = "ASIAFAKEIMDS00000001";

/** Where an example's credentials come from, and what its pod is given for it. */
type Environment = Readonly<Record<string, string>>;
interface Upstream {
  /** Added to what the manifest gives this container. */
  readonly given: (pod: KubernetesObject, container: Container) => Environment;
}

type Fake = (t: TestContext, folder: string) => Promise<Upstream>;

/** The agent of EKS Pod Identity, and STS for those that assume a role with what it gives. */
const agent: Fake = async (t, folder) => {
  const token = join(folder, "eks-pod-identity-token");
  writeFileSync(token, "fake-agent-token");
  const { url } = await fakeServer(t, ({ headers }) =>
    headers.authorization === "fake-agent-token" ? documentAnswer({ AccessKeyId: AGENT_KEY }) : { status: 401 },
  );
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
  };
  return { given: (_, container) => podIdentity(container, variables) };
};

const irsa: Fake = async (_, folder) => {
  const token = join(folder, "web-identity-token");
  writeFileSync(token, "fake-web-identity-token");
  const variables = { AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/orders", AWS_WEB_IDENTITY_TOKEN_FILE: token };
  return { given: (pod, container) => webIdentity(pod, container, variables) };
};

const imds: Fake = async (t) => {
  const { url } = await fakeImds(t, { credentials: () => documentAnswer({ AccessKeyId: IMDS_KEY }) });
  return {
    given: (_, { name }) =>
      name === "aws-credential-sidecar"
        ? { AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: "false" }
        : {},
  };
};

const nothing: Fake = async () => ({ given: () => ({}) });

/** STS: the access key names the role. */
async function fakeSts(t: TestContext): Promise<FakeServer> {
  return await fakeServer(t, ({ body }) => {
    const role = new URLSearchParams(body).get("RoleArn") ?? "";
    return stsAnswer(actionOf(body), stsSession({ accessKeyId: keyOf(role.slice(role.indexOf("/") + 1)) }));
  });
}

const keyOf = (role: string) => `ASIA${role.replaceAll(/\W/g, "").toUpperCase().padEnd(16, "0")}`;

interface Example {
  readonly upstream: Fake;
  /** The access key that each application finds. */
  readonly finds: Readonly<Record<string, string>>;
}

const examples: Readonly<Record<string, Example>> = {
  "assume-role.yaml": { upstream: agent, finds: { orders: keyOf("orders-data") } },
  "classic.yaml": { upstream: agent, finds: { orders: AGENT_KEY } },
  "demo.yaml": { upstream: nothing, finds: { demo: "ASIADEMO" } },
  "deployment.yaml": { upstream: agent, finds: { orders: AGENT_KEY } },
  "instance-profile.yaml": { upstream: imds, finds: { orders: IMDS_KEY } },
  "irsa.yaml": { upstream: irsa, finds: { orders: keyOf("orders") } },
  "job.yaml": { upstream: agent, finds: { report: AGENT_KEY } },
  "kiam.yaml": { upstream: imds, finds: { orders: IMDS_KEY } },
  kustomize: { upstream: agent, finds: { orders: AGENT_KEY } },
  "pod-identity.yaml": { upstream: agent, finds: { orders: AGENT_KEY } },
  "two-roles.yaml": { upstream: nothing, finds: { orders: keyOf("orders"), reports: keyOf("reports") } },
};

/** They need addresses of their own: `link-local.test.ts` and `node.test.ts`. */
const elsewhere = ["link-local.yaml", "node.yaml", "node-pod.yaml"];

test("every example is tried", () => {
  const files = plainFiles.map((path) => path.slice("examples/kubernetes/".length));
  assert.deepEqual(files, [...Object.keys(examples), ...elsewhere].filter((name) => name.endsWith(".yaml")).sort());
});

/** A pod whose sidecar is ready. */
interface Running {
  readonly pod: KubernetesObject;
  readonly sts: FakeServer;
  readonly sidecar: Serving;
  /** What a container of the application finds, on the port that the sidecar was given here. */
  readonly apply: (container: Container, over?: Environment) => Promise<string>;
}

async function begin(t: TestContext, name: string, fake: Fake): Promise<Running> {
  const path = `examples/kubernetes/${name}`;
  const objects = name.endsWith(".yaml") ? read(path) : await kustomize(path);
  const pod = objects.map(podOf).find((one) => one !== undefined);
  assert.ok(pod?.spec);
  const folder = temporaryDirectory(t);
  const folders = new PodFolders(folder, pod, objects);
  const { given } = await fake(t, folder);
  for (const step of pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === undefined) ?? []) {
    await initialise(step, folders, folder);
  }
  const container = sidecarOf(pod);
  assert.ok(container);
  const sts = await fakeSts(t);
  const sidecar = await serveProgram(t, [], {
    env: { AWS_ENDPOINT_URL_STS: sts.url, ...given(pod, container), ...folders.environmentOf(container) },
  });
  await sidecar.program.line("Ready");
  const apply = async (client: Container, over: Environment = {}) => {
    const env = { ...given(pod, client), ...folders.environmentOf(client), ...over };
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri = "" } = env;
    const { stdout, stderr } = await run(process.execPath, [application], {
      ...env,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONTAINER_CREDENTIALS_FULL_URI: uri.replace("http://127.0.0.1:9911", sidecar.url),
    });
    return stdout || stderr;
  };
  return { pod, sts, sidecar, apply };
}

async function initialise(step: Container, folders: PodFolders, folder: string): Promise<void> {
  const [command = "", ...args] = (step.command ?? []).map((one) => folders.found(step, one));
  const path = await busyboxPath(folder);
  const { code, stderr } = await run(join(path, command), args, { PATH: path });
  assert.equal(code, 0, stderr);
}

for (const [name, { upstream, finds }] of Object.entries(examples)) {
  test(`${name}: the sidecar becomes ready as its probes see it, and the application finds the credentials`, async (t) => {
    const { pod, sidecar, apply } = await begin(t, name, upstream);
    for (const probe of [sidecarOf(pod)?.startupProbe, sidecarOf(pod)?.livenessProbe]) {
      const { path } = (probe as { readonly httpGet: { readonly path: string } }).httpGet;
      assert.equal((await fetch(`${sidecar.adminUrl}${path}`)).status, 200, path);
    }
    const clients = pod.spec?.containers.filter((one) => one !== sidecarOf(pod)) ?? [];
    // The demo's key is another each time.
    const found = await Promise.all(
      clients.map(async (client) => [client.name, (await apply(client)).replace(/^ASIADEMO[0-9A-F]{12}$/, "ASIADEMO")]),
    );
    assert.deepEqual(Object.fromEntries(found), finds);
  });
}

test("assume-role.yaml: CloudTrail is told the pod and its service account", async (t) => {
  const { sts } = await begin(t, "assume-role.yaml", agent);
  const asked = new URLSearchParams(sts.requests[0]?.body);
  assert.equal(asked.get("RoleSessionName"), "orders-7d9f8b6c5-x2x4q");
  assert.equal(asked.get("SourceIdentity"), "orders@shop");
});

test("two-roles.yaml: a container's token opens its own role and no other", async (t) => {
  const { pod, apply } = await begin(t, "two-roles.yaml", nothing);
  const [orders, reports] = pod.spec?.containers ?? [];
  assert.ok(orders && reports);
  const uri = { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9911/v1/credentials/reports" };
  assert.match(await apply(orders, uri), /Could not load credentials/);
  assert.equal(await apply(reports, uri), keyOf("reports"));
});

test("two-roles.yaml: its tokens are two, of 64 characters, without a newline", async (t) => {
  const folder = temporaryDirectory(t);
  const objects = read("examples/kubernetes/two-roles.yaml");
  const pod = objects.map(podOf).find((one) => one !== undefined);
  const step = pod?.spec?.initContainers?.[0];
  assert.ok(pod && step);
  await initialise(step, new PodFolders(folder, pod, objects), folder);
  const [first, second] = ["orders", "reports"].map((name) => readFileSync(join(folder, "tokens", name), "latin1"));
  assert.match(first ?? "", /^[0-9a-f]{64}$/);
  assert.match(second ?? "", /^[0-9a-f]{64}$/);
  assert.notEqual(first, second);
});

test("every sidecar is the same container, but for its variables and mounts", async () => {
  const made = await kustomize("examples/kubernetes/kustomize");
  const pods = [...plainFiles.flatMap(read), ...made].flatMap((object) => podOf(object) ?? []);
  const containers = pods.map((pod) => {
    const { env, envFrom, volumeMounts, restartPolicy, ...same } = sidecarOf(pod) ?? { name: "none" };
    return same;
  });
  assert.equal(containers.length, Object.keys(examples).length + elsewhere.length);
  for (const container of containers) assert.deepEqual(container, containers[0]);
});

test("every probe has its port as a number, which a service mesh can register, and the port keeps the name that Prometheus looks for", () => {
  for (const path of plainFiles) {
    const pod = read(path)
      .map(podOf)
      .find((one) => one !== undefined);
    const { startupProbe, livenessProbe, ports } = (pod && sidecarOf(pod)) as {
      readonly [probe: string]: { readonly httpGet: { readonly port: unknown } } | undefined;
    };
    assert.deepEqual([startupProbe?.httpGet.port, livenessProbe?.httpGet.port], [9912, 9912], path);
    assert.deepEqual(ports, [{ name: "sidecar-admin", containerPort: 9912 }], path);
  }
});

test("every sidecar but the classic one and the node's is a sidecar to Kubernetes, and only address and token steps come before it", async () => {
  for (const path of plainFiles.filter((one) => !/\/(?:classic|node)\.yaml$/.test(one))) {
    const pod = read(path)
      .map(podOf)
      .find((one) => one !== undefined);
    const { initContainers = [] } = pod?.spec ?? {};
    const place = initContainers.findIndex(({ name }) => name === "aws-credential-sidecar");
    assert.equal(initContainers[place]?.restartPolicy, "Always", path);
    const before = initContainers.slice(0, place).map(({ name }) => name);
    assert.ok(
      before.every((name) => name === "addresses" || name === "tokens"),
      path,
    );
  }
});

test("classic.yaml: the sidecar serves on for less than the pod's grace period", () => {
  const pod = read("examples/kubernetes/classic.yaml")
    .map(podOf)
    .find((one) => one !== undefined);
  const delay = (pod && sidecarOf(pod)?.env?.find(({ name }) => name === "SIDECAR_SHUTDOWN_DELAY")?.value) ?? "";
  assert.match(delay, /^\d+s$/);
  assert.ok(Number.parseInt(delay, 10) < (pod?.spec?.terminationGracePeriodSeconds ?? 0));
});
