/** The admission policy in real API servers: what becomes of a pod. */
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { Cluster, eventually } from "./support/cluster.ts";
import { withComponent } from "./support/component.ts";
import {
  type Container,
  type KubernetesObject,
  type PodSpec,
  podOf,
  read,
  SIDECAR,
  sidecarOf,
} from "./support/manifests.ts";
import { admitted as admittedBy, container, podWith } from "./support/policy-cluster.ts";
import { minors } from "./support/schemas.ts";

const URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const VOLUME = "aws-credential-sidecar-token";

/**
 * What an older minor needs to serve the policy at all. This build reads policies as v1 only, and has to serve that too.
 */
const beta = [
  "--feature-gates=MutatingAdmissionPolicy=true",
  "--runtime-config=admissionregistration.k8s.io/v1beta1=true,admissionregistration.k8s.io/v1=true",
  "--runtime-config-emulation-forward-compatible",
];
const isBeta = (minor: string) => minor === "1.35";

for (const minor of minors) {
  suite(`the admission policy in Kubernetes ${minor}`, () => {
    let cluster: Cluster;

    const admitted = (pod: KubernetesObject): Promise<KubernetesObject> => admittedBy(cluster, pod);

    before(async () => {
      cluster = await Cluster.start(minor, isBeta(minor) ? beta : []);
      await cluster.kubectl("create", "serviceaccount", "default");
      await cluster.kubectl("label", "namespace", "default", "pod-security.kubernetes.io/enforce=baseline");
      const folder = isBeta(minor) ? "deploy/kubernetes/policy-v1beta1" : "deploy/kubernetes/policy";
      await cluster.kubectl("apply", "--server-side", "--kustomize", folder);
      // Nothing tells when a policy has come into force.
      await eventually(
        async () => sidecarOf(await admitted(podWith({ containers: [container("orders")] }))) !== undefined,
      );
    });

    after(async () => await cluster?.stop());

    test("puts the sidecar first, before the pod's own init containers", async () => {
      const { spec } = await admitted(
        podWith({ initContainers: [container("migrate")], containers: [container("orders")] }),
      );
      assert.deepEqual(
        spec?.initContainers?.map(({ name }) => name),
        [SIDECAR, "migrate"],
      );
    });

    test("gives the container of the examples", async () => {
      const { spec } = await admitted(
        podWith({ automountServiceAccountToken: false, containers: [container("orders")] }),
      );
      const [example] = read("examples/kubernetes/deployment.yaml").flatMap((object) => podOf(object) ?? []);
      assert.ok(example);
      const shown = (await admitted({ ...example, metadata: { name: "example" } })).spec;
      const { envFrom, ...injected } = spec?.initContainers?.[0] ?? {};
      assert.deepEqual(injected, shown?.initContainers?.[0]);
      assert.deepEqual(envFrom, [{ configMapRef: { name: SIDECAR, optional: true } }]);
      assert.deepEqual(volumeOf(spec), volumeOf(shown));
    });

    test("gives a pod what the kustomize component gives it", async () => {
      const pod = podWith({
        automountServiceAccountToken: false,
        initContainers: [container("migrate", { env: [{ name: "COLOUR", value: "blue" }] })],
        containers: [container("orders"), container("reports")],
      });
      const [made] = await withComponent(pod);
      assert.ok(made);
      assert.deepEqual((await admitted(pod)).spec, (await admitted({ ...made, metadata: { name: "made" } })).spec);
    });

    test("keeps the state in memory for a pod with the annotation as the component does, and only once", async () => {
      const annotations = { "aws-credential-sidecar/state": "memory" };
      const pod = podWith({ automountServiceAccountToken: false, containers: [container("orders")] }, { annotations });
      const [made] = await withComponent(pod);
      assert.ok(made);
      const { spec } = await admitted(pod);
      assert.deepEqual(spec, (await admitted({ ...made, metadata: { name: "made" } })).spec);
      assert.ok(
        sidecarOf({ ...pod, ...(spec ? { spec } : {}) })?.env?.some(({ name }) => name === "SIDECAR_STATE_FILE"),
      );
      assert.ok(spec);
      assert.deepEqual((await admitted(podWith(spec, { annotations }))).spec, spec);
    });

    test("gives every other container the variables and the token, init containers too", async () => {
      const { spec } = await admitted(
        podWith({
          initContainers: [container("migrate", { env: [{ name: "COLOUR", value: "blue" }] })],
          containers: [
            container("orders"),
            container("reports", { volumeMounts: [{ name: "own", mountPath: "/own" }] }),
          ],
          volumes: [{ name: "own", emptyDir: {} }],
        }),
      );
      const [, migrate] = spec?.initContainers ?? [];
      for (const client of [migrate, ...(spec?.containers ?? [])]) {
        assert.ok(client);
        assert.equal(valueIn(client, URI), "http://127.0.0.1:9911/v1/credentials");
        assert.equal(valueIn(client, TOKEN_FILE), "/var/run/secrets/aws-credential-sidecar/token");
        assert.ok(client.volumeMounts?.some(({ name, readOnly }) => name === VOLUME && readOnly === true));
      }
      assert.ok(migrate?.env?.some(({ name }) => name === "COLOUR"));
    });

    test("never overrides a container's own variables, and gives no token to one that reads elsewhere", async () => {
      const own = "http://127.0.0.1:9911/v1/for/botocore/credentials";
      const other = "http://169.254.170.23/v1/credentials";
      const { spec } = await admitted(
        podWith({
          containers: [
            container("named", { env: [{ name: URI, value: own }] }),
            container("elsewhere", { env: [{ name: URI, value: other }] }),
            container("secretive", { env: [{ name: "AWS_CONTAINER_AUTHORIZATION_TOKEN", value: "fake" }] }),
          ],
        }),
      );
      const [named, elsewhere, secretive] = spec?.containers ?? [];
      assert.ok(named && elsewhere && secretive);
      assert.deepEqual(variablesOf(named), [URI, TOKEN_FILE]);
      assert.equal(valueIn(named, URI), own);
      assert.deepEqual(variablesOf(elsewhere), [URI]);
      assert.equal(valueIn(elsewhere, URI), other);
      assert.deepEqual(variablesOf(secretive), ["AWS_CONTAINER_AUTHORIZATION_TOKEN", URI]);
      for (const { volumeMounts = [] } of [elsewhere, secretive]) {
        assert.ok(!volumeMounts.some(({ name }) => name === VOLUME));
      }
    });

    test("changes nothing in a pod that it has changed before", async () => {
      const once = await admitted(
        podWith({ initContainers: [container("migrate")], containers: [container("orders")] }),
      );
      const { spec } = once;
      assert.ok(spec);
      const twice = await admitted(podWith(spec));
      assert.deepEqual(twice.spec, spec);
    });

    test("leaves a sidecar that the pod brings itself where and as it is", async () => {
      const sidecar = container(SIDECAR, { image: "registry.example/mine:2" });
      const native = await admitted(
        podWith({
          initContainers: [container("first"), { ...sidecar, restartPolicy: "Always" }],
          containers: [container("orders")],
        }),
      );
      assert.deepEqual(
        native.spec?.initContainers?.map(({ name }) => name),
        ["first", SIDECAR],
      );
      assert.deepEqual(sidecarOf(native)?.env ?? [], []);
      const classic = await admitted(podWith({ containers: [sidecar, container("orders")] }));
      assert.deepEqual(classic.spec?.initContainers ?? [], []);
      assert.equal(sidecarOf(classic)?.image, sidecar.image);
    });

    test("leaves a pod without the label alone, and one whose label says disabled", async () => {
      const containers = [container("orders")];
      for (const labels of [{}, { "aws-credential-sidecar/inject": "disabled" }]) {
        const { spec, metadata } = await admitted(podWith({ containers }, { labels }));
        assert.deepEqual(spec?.initContainers ?? [], []);
        assert.deepEqual(spec?.containers[0]?.env ?? [], []);
        assert.equal(metadata.annotations, undefined);
      }
    });
  });
}

function volumeOf(spec: PodSpec | undefined): unknown {
  return spec?.volumes?.find(({ name }) => name === VOLUME);
}

function variablesOf({ env = [] }: Container): readonly string[] {
  return env.map(({ name }) => name);
}

function valueIn({ env = [] }: Container, wanted: string): string | undefined {
  return env.find(({ name }) => name === wanted)?.value;
}
