/** The token of the manifests: a service account token of the API server, with an audience of its own. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { serveProgram } from "../../test/support/program.ts";
import { Cluster } from "./support/cluster.ts";

const application = fileURLToPath(new URL("application.ts", import.meta.url));
/** The longest name that a namespace, a service account or a pod may have makes the longest token. */
const LONGEST = { namespace: 63, serviceAccount: 253, pod: 253 } as const;
const DNS_LABEL = 63;

let cluster: Cluster;
const namespace = "n".repeat(LONGEST.namespace);
const serviceAccount = named("s", LONGEST.serviceAccount);
const pod = named("p", LONGEST.pod);

before(async () => {
  cluster = await Cluster.start("1.37");
  await cluster.kubectl("create", "namespace", namespace);
  await cluster.kubectl("create", "serviceaccount", serviceAccount, `--namespace=${namespace}`);
  await cluster.apply({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod, namespace },
    spec: { serviceAccountName: serviceAccount, containers: [{ name: "app", image: "registry.example/app:1" }] },
  });
});

after(async () => await cluster?.stop());

/** As the kubelet asks for it: bound to the pod. */
async function issue(): Promise<string> {
  const bound = ["--bound-object-kind=Pod", `--bound-object-name=${pod}`];
  const token = await cluster.kubectl(
    ...["create", "token", serviceAccount, `--namespace=${namespace}`],
    ...["--audience=aws-credential-sidecar", "--duration=1h", ...bound],
  );
  return token.trimEnd();
}

test("the longest token that Kubernetes makes is one that the sidecar takes and an SDK sends", async (t) => {
  const token = await issue();
  assert.match(token, /^[\w.-]+$/);
  t.diagnostic(`${token.length} characters`);
  assert.ok(token.length <= 4_096, `${token.length} characters`);
  const path = join(temporaryDirectory(t), "token");
  writeFileSync(path, token);
  const { url, program } = await serveProgram(t, ["--upstream=demo"], { env: { SIDECAR_AUTH_TOKEN_FILE: path } });
  await program.line("Ready");
  const { stdout, stderr } = await run(process.execPath, [application], {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
    AWS_EC2_METADATA_DISABLED: "true",
  });
  assert.match(stdout, /^ASIA/, stderr);
  assert.equal(readFileSync(path, "latin1"), token);
});

test("the token opens nothing else: the API server refuses it", async () => {
  const token = await issue();
  await assert.rejects(cluster.kubectl("--token", token, "get", "pods"), /Unauthorized/);
});

test("no two tokens are the same", async () => {
  assert.notEqual(await issue(), await issue());
});

function named(letter: string, length: number): string {
  const labels: string[] = [];
  for (let left = length; left > 0; left -= DNS_LABEL + 1) labels.push(letter.repeat(Math.min(left, DNS_LABEL)));
  return labels.join(".");
}
