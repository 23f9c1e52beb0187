/** Istio's own injector with the settings of its own chart, as a webhook of the API server. `install.sh` builds it. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run, start } from "../../../conformance/processes.ts";
import { selfSigned } from "../../certificate.ts";
import { configurationOf, reachedAt } from "./admission-webhook.ts";
import { built } from "./kubectl.ts";
import { type KubernetesObject, parse, root } from "./manifests.ts";

export interface Injector {
  /** Istio's own, which asks this injector for the pods of namespaces with the label `istio-injection: enabled`. */
  readonly configuration: KubernetesObject;
  readonly stop: () => Promise<void>;
}

export interface InjectorOptions {
  /** How the proxy runs where a pod's annotation does not say: as a native sidecar, or as an ordinary container. */
  readonly native: boolean;
  /** Values of Istio's chart: `global.proxy.holdApplicationUntilProxyStarts=true`. */
  readonly values?: readonly string[];
}

/** `parent` is a folder that the caller removes. */
export async function startInjector(parent: string, { native, values = [] }: InjectorOptions): Promise<Injector> {
  const folder = mkdtempSync(join(parent, "istio-"));
  const chart = await rendered(values);
  const file = (name: string, text = "") => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const settings = chart.find(({ metadata }) => metadata.name === "istio-sidecar-injector")?.data;
  const mesh = chart.find(({ metadata }) => metadata.name === "istio")?.data?.mesh;
  const { key, certificate } = await selfSigned(folder);
  const injector = await start({
    command: built("istio-injector"),
    args: [],
    env: {
      CONFIG: file("config", settings?.config),
      VALUES: file("values", settings?.values),
      MESH: file("mesh", mesh),
      CERTIFICATE: certificate,
      KEY: key,
      ENABLE_NATIVE_SIDECARS: String(native),
    },
    ready: /injector listens on (\S+)/,
  });
  const shipped = chart.find(({ kind }) => kind === "MutatingWebhookConfiguration");
  const webhooks = (shipped as { readonly webhooks?: readonly object[] } | undefined)?.webhooks ?? [];
  const clientConfig = reachedAt(injector.match[1] ?? "", "/inject", readFileSync(certificate));
  return {
    configuration: configurationOf(
      shipped?.metadata.name ?? "",
      webhooks.map((webhook) => ({ ...webhook, clientConfig })),
    ),
    stop: injector.stop,
  };
}

async function rendered(values: readonly string[]): Promise<readonly KubernetesObject[]> {
  const shown = ["configmap", "istiod-injector-configmap", "mutatingwebhook"].flatMap((name) => [
    "--show-only",
    `templates/${name}.yaml`,
  ]);
  const set = values.flatMap((value) => ["--set", value]);
  const helm = join(root, "acceptance/helm/build/helm");
  const args = ["template", "istiod", built("istiod"), "--namespace=istio-system", ...shown, ...set];
  const { code, stdout, stderr } = await run(helm, args, {});
  if (code !== 0) throw new Error(stderr);
  return parse(stdout);
}
