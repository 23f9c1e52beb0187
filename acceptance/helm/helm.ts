/** The charts, in a folder of the test's own: `helm dependency build` writes into the chart that it is called for. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { type Ran, run } from "../../conformance/processes.ts";
import { temporaryDirectory } from "../../test/support/environment.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const releases = { example: "orders", policy: "aws-credential-sidecar" };
export type Chart = keyof typeof releases;

export interface Charts {
  /** Resolves whatever the exit code. */
  readonly helm: (...args: readonly string[]) => Promise<Ran>;
  /** The manifests, or what helm said against it. */
  readonly template: (chart: Chart, ...args: readonly string[]) => Promise<Ran>;
  /** The example, with a pod that has values of its own under this name. */
  readonly withPod: (pod: string, ...args: readonly string[]) => Promise<Ran>;
  /** What `helm install` would say. Only a cluster makes helm render the notes: here they are the text of a ConfigMap. */
  readonly notes: (chart: Chart, ...args: readonly string[]) => Promise<string>;
}

export async function chartsFor(t: TestContext): Promise<Charts> {
  const folder = temporaryDirectory(t);
  // Links are followed here, as `helm package` follows them.
  for (const chart of ["aws-credential-sidecar", "example", "policy"]) {
    cpSync(here(`../../deploy/helm/${chart}`), join(folder, chart), { recursive: true, dereference: true });
  }
  const helm = (...args: readonly string[]) => run(here("build/helm"), args, { HOME: folder }, { cwd: folder });
  const built = await helm("dependency", "build", "example");
  if (built.code !== 0) throw new Error(built.stderr);
  const template: Charts["template"] = (chart, ...args) => helm("template", releases[chart], chart, ...args);
  const withPod: Charts["withPod"] = (pod, ...args) => {
    const file = join(folder, "example/templates/deployment.yaml");
    const text = readFileSync(join(here("../../deploy/helm/example"), "templates/deployment.yaml"), "utf8");
    const whose = `(dict "context" . "pod" "${pod}")`;
    writeFileSync(file, text.replace(/(container|volume)" \./g, `$1" ${whose}`));
    return template("example", ...args);
  };
  return {
    helm,
    template,
    withPod,
    notes: (chart, ...args) => notesOf(join(folder, chart), () => template(chart, ...args)),
  };
}

async function notesOf(chart: string, template: () => Promise<Ran>): Promise<string> {
  const text = readFileSync(join(chart, "templates/NOTES.txt"), "utf8");
  const manifest = 'kind: ConfigMap\nnotes: |\n  {{- include "notes" . | nindent 2 }}\n';
  writeFileSync(join(chart, "templates/notes.yaml"), `{{ define "notes" }}${text}{{ end }}${manifest}`);
  const { code, stdout, stderr } = await template();
  if (code !== 0) throw new Error(stderr);
  const [, rendered = ""] = /templates\/notes\.yaml\n([\s\S]*?)(?:\n---|$)/.exec(stdout) ?? [];
  return parse(rendered).notes;
}
