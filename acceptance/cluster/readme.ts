/** The pod of README.md, with an application that signs. */
import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";
import { type PodSpec, podOf, read, root } from "../kubernetes/support/manifests.ts";

export function readmePod(): object {
  const [, yaml = ""] = /```yaml\n(spec:\n[\s\S]*?)```/.exec(readFileSync(`${root}/README.md`, "utf8")) ?? [];
  const { spec } = parseYaml(yaml) as { readonly spec: PodSpec };
  const [example] = read("examples/kubernetes/deployment.yaml").flatMap((object) => podOf(object) ?? []);
  const [signing] = example?.spec?.containers ?? [];
  const containers = spec.containers.map((container) => ({
    ...container,
    image: signing?.image,
    command: signing?.command,
    env: [...(container.env ?? []), { name: "AWS_REGION", value: "eu-west-1" }],
  }));
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "readme" }, spec: { ...spec, containers } };
}
