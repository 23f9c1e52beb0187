/** An admission webhook of these tests: what an API server asks about each new pod. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { selfSigned } from "../../certificate.ts";
import type { KubernetesObject } from "./manifests.ts";

/** The operations of a JSON patch. `path` is the URL's. */
export type Answer = (pod: KubernetesObject, path: string) => readonly object[] | Promise<readonly object[]>;

export interface ConfigurationOptions {
  /** The API server asks webhooks in the order of these names. */
  readonly name: string;
  readonly path?: string;
  readonly failurePolicy?: "Ignore" | "Fail";
  /** `IfNeeded`: it is asked again when a later one has changed the pod. */
  readonly reinvocationPolicy?: "Never" | "IfNeeded";
}

export interface AdmissionWebhook {
  /** What `kubectl` applies. */
  readonly configuration: (options: ConfigurationOptions) => KubernetesObject;
  readonly stop: () => void;
}

export async function startWebhook(folder: string, answer: Answer): Promise<AdmissionWebhook> {
  const { key, certificate } = await selfSigned(folder);
  const cert = readFileSync(certificate);
  const server = createServer({ key: readFileSync(key), cert }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const review = JSON.parse(Buffer.concat(chunks).toString());
    const { uid, object } = review.request;
    const decided = await Promise.resolve(answer(object, request.url?.split("?")[0] ?? "")).then(
      (patch) => ({
        allowed: true,
        patchType: "JSONPatch",
        patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
      }),
      (error: Error) => ({ allowed: false, status: { message: error.message } }),
    );
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response: { uid, ...decided } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    configuration: ({ name, path = "/", ...policies }) =>
      configurationOf(name, [
        {
          name: `${name}.webhook.test`,
          failurePolicy: "Fail",
          reinvocationPolicy: "Never",
          ...policies,
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          clientConfig: reachedAt(`127.0.0.1:${address.port}`, path, cert),
          rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
        },
      ]),
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

export function configurationOf(name: string, webhooks: readonly object[]): KubernetesObject {
  const kind = "MutatingWebhookConfiguration";
  const configuration = { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata: { name }, webhooks };
  return configuration;
}

/** Where an API server finds a webhook that is no Service, and by what it knows it. */
export function reachedAt(host: string, path: string, certificate: Buffer): object {
  return { url: `https://${host}${path}`, caBundle: certificate.toString("base64") };
}
