/**
 * Istio's own injector, with its own chart's settings, beside the policy in a real API server: as a native sidecar and as an
 * ordinary container, before the policy and after it. Its proxy does not run here.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type Cluster, eventually } from "./support/cluster.ts";
import { type Injector, type InjectorOptions, startInjector } from "./support/istio.ts";
import { type Container, type KubernetesObject, type PodSpec, SIDECAR, sidecarOf } from "./support/manifests.ts";
import { admitted, clusterWithPolicy, container, podWith, withoutPolicy } from "./support/policy-cluster.ts";
import { type PolicyEngine, startPolicyEngine } from "./support/policy-engine.ts";

const PROXY = "istio-proxy";
const EXCLUDED = { "traffic.sidecar.istio.io/excludeInboundPorts": "9912" };
const NATIVE = { "sidecar.istio.io/nativeSidecar": "true" };
const NOT_REWRITTEN = { "sidecar.istio.io/rewriteAppHTTPProbers": "false" };

let cluster: Cluster;
let folder: string;

const spec: PodSpec = { initContainers: [container("migrate")], containers: [container("orders")] };
const pod = (annotations: Readonly<Record<string, string>> = {}) => podWith(spec, { annotations });

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "istio-"));
  cluster = await clusterWithPolicy();
  await cluster.kubectl("label", "namespace", "default", "istio-injection=enabled");
  await eventually(async () => {
    await assert.rejects(admitted(cluster, podWith({ hostNetwork: true, containers: [container("orders")] })));
    return true;
  });
});

after(async () => {
  await cluster?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const namesOf = ({ spec: made }: KubernetesObject) => ({
  initContainers: made?.initContainers?.map(({ name }) => name),
  containers: made?.containers.map(({ name }) => name),
});

const called = ({ spec: made }: KubernetesObject, wanted: string): Container => {
  const found = [...(made?.initContainers ?? []), ...(made?.containers ?? [])].find(({ name }) => name === wanted);
  assert.ok(found, wanted);
  return found;
};

type Probe = { readonly httpGet?: { readonly path: string; readonly port: number } };

/** Where the kubelet asks for the sidecar's start and life: its path and port. */
function probesOf(made: KubernetesObject): readonly string[] {
  const { startupProbe, livenessProbe } = called(made, SIDECAR);
  return [startupProbe, livenessProbe].map((probe) => {
    const { path, port } = (probe as Probe).httpGet ?? {};
    return `${port}${path}`;
  });
}

const DIRECT = ["9912/readyz", "9912/livez"];
const BY_THE_PROXY = [`15020/app-health/${SIDECAR}/startupz`, `15020/app-health/${SIDECAR}/livez`];

/** What the proxy asks for whom, as it is told: path of the kubelet's question to the sidecar's own path and port. */
function registeredOf(made: KubernetesObject): Readonly<Record<string, string>> {
  const value = called(made, PROXY).env?.find(({ name }) => name === "ISTIO_KUBE_APP_PROBERS")?.value ?? "{}";
  const probes = Object.entries(JSON.parse(value) as Readonly<Record<string, Probe>>);
  return Object.fromEntries(probes.map(([path, { httpGet }]) => [`15020${path}`, `${httpGet?.port}${httpGet?.path}`]));
}

/** The ports whose connections do not pass the proxy, as its iptables rules are told. */
function excludedPortsOf(made: KubernetesObject): readonly string[] {
  const args = called(made, "istio-init").args as readonly string[];
  return args[args.indexOf("-d") + 1]?.split(",") ?? [];
}

/** Starts the injector and waits until the API server asks it. */
async function inject(options: InjectorOptions): Promise<Injector> {
  const injector = await startInjector(folder, options);
  await cluster.apply(injector.configuration);
  // Nothing tells when a webhook has come into force.
  await eventually(async () => {
    const { initContainers } = namesOf(await admitted(cluster, podWith(spec, { labels: {} })));
    return initContainers?.includes("istio-init") === true;
  });
  return injector;
}

async function end(injector: Injector | undefined): Promise<void> {
  await cluster.kubectl("delete", "mutatingwebhookconfigurations", "istio-sidecar-injector");
  await injector?.stop();
}

/** The variables and the token are for the pod's own containers, and neither for the mesh's. */
function onlyItsOwnRead(made: KubernetesObject): void {
  for (const { name, env = [], volumeMounts = [] } of [
    ...(made.spec?.initContainers ?? []),
    ...(made.spec?.containers ?? []),
  ]) {
    const reads = env.some((one) => one.name === "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const hasToken = volumeMounts.some((one) => one.name === "aws-credential-sidecar-token");
    const own = ["orders", "migrate"].includes(name);
    assert.deepEqual({ name, reads, hasToken }, { name, reads: own, hasToken: own || name === SIDECAR });
  }
}

function nativeProxyServesTheSidecar(made: KubernetesObject): void {
  assert.deepEqual(namesOf(made), {
    initContainers: ["istio-init", PROXY, SIDECAR, "migrate"],
    containers: ["orders"],
  });
  assert.equal(called(made, PROXY).restartPolicy, "Always");
  assert.deepEqual(probesOf(made), BY_THE_PROXY);
  for (const [index, path] of BY_THE_PROXY.entries()) assert.equal(registeredOf(made)[path], DIRECT[index]);
  onlyItsOwnRead(made);
}

suite("the policy before the injector, whose proxy is a native sidecar", () => {
  let injector: Injector;
  before(async () => (injector = await inject({ native: true })));
  after(async () => await end(injector));

  test("the proxy starts first and has the sidecar's probes by number, without an annotation", async () => {
    nativeProxyServesTheSidecar(await admitted(cluster, pod()));
  });

  test("the annotation for IMDS and the agent of EKS keeps their addresses from the proxy, which would mark the requests", async () => {
    const addresses = "169.254.169.254/32,169.254.170.23/32";
    const made = await admitted(cluster, pod({ "traffic.sidecar.istio.io/excludeOutboundIPRanges": addresses }));
    const args = called(made, "istio-init").args as readonly string[];
    assert.equal(args[args.indexOf("-x") + 1], addresses);
  });

  test("the admin port that is excluded for Prometheus keeps its probes", async () => {
    const made = await admitted(cluster, pod(EXCLUDED));
    nativeProxyServesTheSidecar(made);
    assert.ok(excludedPortsOf(made).includes("9912"));
  });
});

for (const values of [[], ["global.proxy.holdApplicationUntilProxyStarts=true"]] as const) {
  const held = values.length > 0;
  suite(`the policy before the injector, whose proxy is an ordinary container${held ? " that holds the application" : ""}`, () => {
    let injector: Injector;
    before(async () => (injector = await inject({ native: false, values })));
    after(async () => await end(injector));

    test("the pod would wait for ever, and is refused with the annotations to write", async () => {
      await assert.rejects(admitted(cluster, pod()), /nativeSidecar: "true"; or .*rewriteAppHTTPProbers: "false"/s);
      await assert.rejects(admitted(cluster, pod(EXCLUDED)), /nativeSidecar: "true"/);
    });

    test("the first of these annotations makes the proxy a native sidecar", async () => {
      nativeProxyServesTheSidecar(await admitted(cluster, pod(NATIVE)));
    });

    test("the others let the kubelet ask the sidecar itself, whose port does not pass the proxy", async () => {
      const made = await admitted(cluster, pod({ ...NOT_REWRITTEN, ...EXCLUDED }));
      assert.deepEqual(namesOf(made), {
        initContainers: [SIDECAR, "migrate", "istio-init"],
        containers: held ? [PROXY, "orders"] : ["orders", PROXY],
      });
      assert.deepEqual(probesOf(made), DIRECT);
      assert.ok(excludedPortsOf(made).includes("9912"));
      onlyItsOwnRead(made);
    });
  });
}

suite("the injector before the policy, as with Kyverno, whose name comes later", () => {
  let engine: PolicyEngine;
  before(async () => {
    engine = await startPolicyEngine(folder);
    await withoutPolicy(cluster);
    await cluster.apply(engine.configuration);
    await eventually(async () => {
      const made = await admitted(cluster, pod());
      return sidecarOf(made) !== undefined;
    });
  });
  after(async () => await engine?.stop());

  for (const native of [true, false]) {
    test(`a proxy that is ${native ? "a native sidecar" : "an ordinary container"} leaves the sidecar first, and its probes the sidecar's own`, async () => {
      const injector = await inject({ native });
      try {
        const made = await admitted(cluster, pod(EXCLUDED));
        const { initContainers, containers } = namesOf(made);
        assert.equal(initContainers?.[0], SIDECAR);
        assert.ok((native ? initContainers : containers)?.includes(PROXY));
        assert.deepEqual(probesOf(made), DIRECT);
        assert.ok(excludedPortsOf(made).includes("9912"));
        onlyItsOwnRead(made);
      } finally {
        await end(injector);
      }
    });
  }

  test("Istio's webhook is asked before Kyverno's, as both are shipped", async () => {
    const { metadata } = engine.configuration;
    assert.ok("istio-sidecar-injector" < metadata.name);
  });
});
