import assert from "node:assert/strict";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { suite, type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, parseAllDocuments } from "yaml";
import { version } from "../../src/version.ts";
import { type Chart, chartsFor } from "./helm.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");
const documentsOf = (yaml: string) => parseAllDocuments(yaml).map((document) => document.toJS());

type Manifests = readonly ReturnType<typeof documentsOf>[number][];

async function rendered(t: TestContext, chart: Chart, ...args: readonly string[]): Promise<Manifests> {
  const { code, stdout, stderr } = await (await chartsFor(t)).template(chart, ...args);
  assert.equal(code, 0, stderr);
  return documentsOf(stdout);
}

async function refusal(t: TestContext, chart: Chart, ...args: readonly string[]): Promise<string> {
  const { code, stderr } = await (await chartsFor(t)).template(chart, ...args);
  assert.equal(code, 1);
  return stderr;
}

const byKind = (one: { kind: string }, two: { kind: string }): number => one.kind.localeCompare(two.kind);

test("helm lint has nothing to say against the charts", async (t) => {
  const { helm } = await chartsFor(t);
  const { code, stdout, stderr } = await helm("lint", "--strict", "aws-credential-sidecar", "example", "policy");
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /3 chart\(s\) linted, 0 chart\(s\) failed/);
});

test("the example renders what its golden file has", async (t) => {
  const { code, stdout, stderr } = await (await chartsFor(t)).template("example");
  assert.equal(code, 0, stderr);
  const golden = fileURLToPath(new URL("golden/example.yaml", import.meta.url));
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(golden, stdout);
  const how = "if that is meant: UPDATE_GOLDEN=1 node --test acceptance/helm/charts.test.ts";
  assert.equal(stdout, readFileSync(golden, "utf8"), how);
});

test("every chart has the version of package.json, and the image that goes with it", () => {
  for (const chart of ["aws-credential-sidecar", "policy"]) {
    const { version: its, appVersion } = parse(read(`deploy/helm/${chart}/Chart.yaml`));
    const { image } = parse(read(`deploy/helm/${chart}/values.yaml`));
    assert.deepEqual([its, appVersion, image.tag], [version, version, version]);
  }
  assert.equal(parse(read("deploy/helm/example/Chart.yaml")).dependencies[0].version, version);
});

suite("the library chart", () => {
  test("gives the pod what the kustomize component gives it, and the chart's own settings", async (t) => {
    const [deployment] = await rendered(t, "example");
    const theirs = parse(read("deploy/kubernetes/component/pod.yaml")).spec;
    const { initContainers, volumes, containers } = deployment.spec.template.spec;
    const [sidecar] = initContainers;
    // A chart has values instead of a namespace's ConfigMap.
    const { envFrom, ...inComponent } = theirs.initContainers[0];
    const { env } = parse(read("deploy/helm/example/values.yaml"))["aws-credential-sidecar"];
    const settings = Object.keys(env)
      .sort()
      .map((name) => ({ name, value: env[name] }));
    assert.deepEqual(sidecar, { ...inComponent, env: [...inComponent.env, ...settings] });
    assert.deepEqual(volumes, theirs.volumes);
    const [application] = containers;
    assert.deepEqual(application.env.slice(1), theirs.containers[0].env);
    assert.deepEqual(application.volumeMounts, theirs.containers[0].volumeMounts);
  });

  test("takes the image by digest where one is given", async (t) => {
    const digest = `sha256:${"0".repeat(64)}`;
    const [deployment] = await rendered(t, "example", "--set", `aws-credential-sidecar.image.digest=${digest}`);
    const [sidecar] = deployment.spec.template.spec.initContainers;
    assert.equal(sidecar.image, `localhost/aws-credential-sidecar@${digest}`);
  });

  test("takes variables from the pod's fields, before the settings that refer to them", async (t) => {
    const set = [
      "fields.POD_NAME=metadata.name",
      "fields.SIDECAR_SOURCE_IDENTITY=spec.serviceAccountName",
      "env.SIDECAR_ROLE_SESSION_NAME=orders-$(POD_NAME)",
    ].flatMap((one) => ["--set", `aws-credential-sidecar.${one}`]);
    const [deployment] = await rendered(t, "example", ...set);
    const { env } = deployment.spec.template.spec.initContainers[0];
    const fieldPath = (path: string) => ({ valueFrom: { fieldRef: { fieldPath: path } } });
    assert.deepEqual(env.slice(1, 3), [
      { name: "POD_NAME", ...fieldPath("metadata.name") },
      { name: "SIDECAR_SOURCE_IDENTITY", ...fieldPath("spec.serviceAccountName") },
    ]);
    assert.deepEqual(
      env.slice(3).find(({ name }: { name: string }) => name === "SIDECAR_ROLE_SESSION_NAME").value,
      "orders-$(POD_NAME)",
    );
  });

  test("has values for each pod of a chart, which come before those of the whole chart", async (t) => {
    const charts = await chartsFor(t);
    const role = "arn:aws:iam::210987654321:role/reports";
    const set = ["--set", `aws-credential-sidecar.pods.reports.env.SIDECAR_ROLE_ARN=${role}`];
    const { code, stdout, stderr } = await charts.withPod("reports", ...set);
    assert.equal(code, 0, stderr);
    const [deployment] = documentsOf(stdout);
    const { env, resources } = deployment.spec.template.spec.initContainers[0];
    const values = Object.fromEntries(env.map((one: { name: string; value: string }) => [one.name, one.value]));
    assert.equal(values.SIDECAR_ROLE_ARN, role);
    assert.equal(values.SIDECAR_UPSTREAM, "container");
    assert.equal(resources.limits.memory, "128Mi");
    const unknown = await charts.withPod("reports");
    assert.match(unknown.stderr, /aws-credential-sidecar\.pods has no reports/);
    const misspelled = await charts.withPod(
      "reports",
      "--set",
      "aws-credential-sidecar.pods.reports.env.SIDECAR_ROLE=a",
    );
    assert.match(misspelled.stderr, /'SIDECAR_ROLE'/);
  });

  test("keeps the state in memory when the value says so, in the sidecar alone, as the component does by annotation", async (t) => {
    const theirs = parse(read("deploy/kubernetes/component/state.yaml")).spec;
    const charts = await chartsFor(t);
    const one = "aws-credential-sidecar.state=memory";
    const { stdout, stderr } = await charts.template("example", "--set", one);
    const own = await charts.withPod("reports", "--set", "aws-credential-sidecar.pods.reports.state=memory");
    for (const made of [{ stdout, stderr }, own]) {
      assert.ok(made.stdout, made.stderr);
      const [deployment] = documentsOf(made.stdout);
      const { initContainers, volumes, containers } = deployment.spec.template.spec;
      const [sidecar] = initContainers;
      const [wanted] = theirs.initContainers;
      assert.deepEqual(sidecar.env.slice(1, 2), wanted.env);
      assert.deepEqual(sidecar.volumeMounts.slice(1), wanted.volumeMounts);
      assert.deepEqual(volumes.slice(1), theirs.volumes);
      assert.equal(containers[0].volumeMounts.length, 1);
    }
    const both = ["--set", one, "--set", "aws-credential-sidecar.env.SIDECAR_STATE_FILE=/elsewhere/state.json"];
    assert.match(await refusal(t, "example", ...both), /state: memory sets SIDECAR_STATE_FILE\. Leave out one/);
  });

  const wrong = [
    ["a kind of state that there is not", "state=disk", /state.*must be one of/s],
    ["a field that the downward API does not give", "fields.POD_NAME=spec.nodeSelector", /POD_NAME.*pattern/s],
    ["a misspelled setting among the fields", "fields.SIDECAR_SESSION=metadata.name", /'SIDECAR_SESSION'/],
    ["a misspelled setting", "env.SIDECAR_DURATON=1h", /'SIDECAR_DURATON'/],
    ["a value that a setting does not take", "env.SIDECAR_UPSTREAM=irsa", /SIDECAR_UPSTREAM.*must be one of/s],
    ["a token among the values", "env.SIDECAR_AUTH_TOKEN=fake", /'SIDECAR_AUTH_TOKEN'/],
    ["a port that the application was not told of", "env.SIDECAR_LISTEN=127.0.0.1:1", /'SIDECAR_LISTEN'/],
    ["a number, which YAML would make of it", "env.AWS_ROLE_SESSION_NAME=7", /AWS_ROLE_SESSION_NAME.*string/s],
    ["an unknown value", "resource.limits=1", /'resource'/],
    ["half a digest", "image.digest=sha256:abc", /digest.*pattern/s],
  ] as const;
  for (const [what, set, says] of wrong) {
    test(`refuses ${what}, and names it`, async (t) => {
      assert.match(await refusal(t, "example", "--set", `aws-credential-sidecar.${set}`), says);
    });
  }

  test("asks for a Kubernetes that has sidecars", async (t) => {
    assert.match(await refusal(t, "example", "--kube-version", "1.28.0"), /requires kubeVersion: >=1\.29/);
  });
});

suite("the policy's chart", () => {
  const files = ["policy.yaml", "binding.yaml", "refusals.yaml"];
  const policy = () => files.flatMap((file) => documentsOf(read(`deploy/kubernetes/policy/${file}`))).sort(byKind);
  const made = async (t: TestContext, ...args: readonly string[]) =>
    [...(await rendered(t, "policy", ...args))].sort(byKind);

  test("has the policy of deploy/kubernetes, and no copy of it", async (t) => {
    assert.deepEqual(await made(t), policy());
    for (const file of files) {
      const link = new URL(`deploy/helm/policy/files/${file}`, root);
      assert.equal(readlinkSync(link), `../../../kubernetes/policy/${file}`);
    }
  });

  test("is the same but for the API's version on Kubernetes 1.34 and 1.35", async (t) => {
    const apiVersion = "admissionregistration.k8s.io/v1beta1";
    assert.deepEqual(
      await made(t, "--set", `apiVersion=${apiVersion}`),
      policy().map((one) => (one.kind.startsWith("Mutating") ? { ...one, apiVersion } : one)),
    );
  });

  test("puts another image in, and nothing else", async (t) => {
    const digest = `sha256:${"0".repeat(64)}`;
    const set = `image.repository=registry.example.test/sidecar,image.digest=${digest}`;
    const ours = JSON.stringify(policy());
    const image = "localhost/aws-credential-sidecar:0.1.0";
    assert.equal(ours.split(image).length, 2);
    assert.deepEqual(
      await made(t, "--set", set),
      JSON.parse(ours.replace(image, `registry.example.test/sidecar@${digest}`)),
    );
  });

  test("binds it to the namespaces that the selector chooses", async (t) => {
    const objects = await made(t, "--set", "namespaceSelector.matchLabels.team=orders");
    const bindings = objects.filter(({ kind }) => kind.endsWith("Binding"));
    assert.equal(bindings.length, 2);
    for (const { spec } of bindings)
      assert.deepEqual(spec.matchResources, { namespaceSelector: { matchLabels: { team: "orders" } } });
  });

  test("puts resources and secrets for the image in", async (t) => {
    const set = "resources.limits.cpu=500m,resources.limits.memory=256Mi,imagePullSecrets={registry}";
    const expected = policy().find(({ kind }) => kind === "MutatingAdmissionPolicy");
    for (const variable of expected.spec.variables) {
      if (variable.name === "limits") variable.expression = '{"cpu":"500m","memory":"256Mi"}';
      if (variable.name === "imagePullSecrets") variable.expression = '["registry"]';
    }
    const objects = await made(t, "--set", set);
    assert.deepEqual(
      objects.find(({ kind }) => kind === "MutatingAdmissionPolicy"),
      expected,
    );
    assert.match(await refusal(t, "policy", "--set", "resources.limits.cpu=1"), /cpu.*string/s);
  });

  test("refuses an image that would end the text it is put into", async (t) => {
    assert.match(await refusal(t, "policy", "--set", 'image.tag=1"\\,x: "'), /tag.*pattern/s);
  });
});

test("the notes of the example tell where the status is and where the log", async (t) => {
  const notes = await (await chartsFor(t)).notes("example", "--namespace", "shop");
  assert.match(notes, /^deployment\/orders runs with aws-credential-sidecar\./);
  assert.match(notes, /kubectl --namespace shop port-forward deployment\/orders 9912 /);
  assert.match(notes, /kubectl --namespace shop logs deployment\/orders --container aws-credential-sidecar$/m);
});

test("the notes of the policy tell what a pod has to say", async (t) => {
  const { notes } = await chartsFor(t);
  const [label, value] =
    Object.entries(
      parse(read("deploy/kubernetes/policy/policy.yaml")).spec.matchConstraints.objectSelector.matchLabels,
    )[0] ?? [];
  const everywhere = await notes("policy");
  assert.ok(everywhere.startsWith(`New pods with the label ${label}: ${value} get the sidecar.\n`), everywhere);
  const chosen = await notes("policy", "--set", "namespaceSelector.matchLabels.team=orders");
  assert.match(chosen, /get the sidecar, in the namespaces that the selector matches\.\n/);
});
