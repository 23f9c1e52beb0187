/**
 * Under which names a release is published. They are written once, in `config` and `version` of package.json; the files
 * that name the image, a chart, the package or the repository (manifests, charts, documents, alerts) are rewritten from
 * there, because Kubernetes, Helm and Prometheus read files that cannot refer to it.
 */
import { readFileSync } from "node:fs";

export interface ReleaseNames {
  /** The image without tag and digest: `registry/owner/name`. */
  readonly image: string;
  /** Where charts are pushed: `oci://registry/owner/charts`. */
  readonly charts: string;
  /** The package in the npm registry, with its scope. */
  readonly package: string;
  /** The address of the repository, where links of alerts and of the package lead. */
  readonly repository: string;
  readonly version: string;
  /** `sha256:…` of the image, once it was built; without it manifests name a tag. */
  readonly digest?: string | undefined;
}

/** What each name may be. The image's form is the one of the OCI distribution specification, with its registry. */
export const forms = {
  image: { pattern: /^[a-z\d.-]+(?::\d+)?(?:\/[a-z\d]+(?:[._-]+[a-z\d]+)*)+$/, example: "ghcr.io/owner/name" },
  charts: { pattern: /^oci:\/\/[a-z\d.-]+(?::\d+)?(?:\/[a-z\d._-]+)+$/, example: "oci://ghcr.io/owner/charts" },
  package: { pattern: /^(?:@[a-z\d][a-z\d._-]*\/)?[a-z\d][a-z\d._-]*$/, example: "@owner/aws-credential-sidecar" },
  repository: { pattern: /^https:\/\/[a-z\d.-]+(?:\/[\w.-]+)+$/, example: "https://github.com/owner/name" },
  version: { pattern: /^\d+\.\d+\.\d+(?:-[\da-z.-]+)?$/, example: "0.2.0" },
  digest: { pattern: /^sha256:[\da-f]{64}$/, example: `sha256:${"0".repeat(64)}` },
} as const satisfies Record<keyof ReleaseNames, { pattern: RegExp; example: string }>;

/** The names that package.json of this folder has. */
export function releaseNames(root: URL): ReleaseNames {
  const { config, version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));
  return { ...config, version };
}

/**
 * Names that nobody can own: hosts that are reserved (RFC 2606, RFC 6761), so that a file of a checkout that was never
 * released runs nothing of a stranger's.
 */
export function isUnclaimed({ image, charts, repository }: ReleaseNames): boolean {
  return [image, charts, repository].some((name) => /^(?:\w+:\/\/)?(?:localhost|example\.com)(?=[:/])/.test(name));
}

/** cosign names a chart as a registry does, helm with `oci://`. */
const withoutScheme = (charts: string): string => charts.replace("oci://", "");

/** A file's text with the names of `to` where it has those of `from`. */
export function renamed(text: string, from: ReleaseNames, to: ReleaseNames): string {
  const reference = new RegExp(
    `${RegExp.escape(from.image)}:${RegExp.escape(from.version)}(?:@sha256:[\\da-f]{64})?`,
    "g",
  );
  const digest = to.digest === undefined ? "" : `@${to.digest}`;
  return text
    .replace(reference, () => `${to.image}:${to.version}${digest}`)
    .replaceAll(from.image, () => to.image)
    .replaceAll(withoutScheme(from.charts), () => withoutScheme(to.charts))
    .replaceAll(from.repository, () => to.repository);
}

/** A file of a Helm chart, whose version and image are values of their own. */
export function renamedChart(text: string, from: ReleaseNames, to: ReleaseNames): string {
  const version = new RegExp(`^(\\s*(?:version|appVersion|tag): )${RegExp.escape(from.version)}$`, "gm");
  return renamed(text, from, to)
    .replace(version, (_, key: string) => `${key}${to.version}`)
    .replace(/^(\s*digest: )(?:""|sha256:[\da-f]{64})$/gm, (_, key: string) => `${key}${to.digest ?? '""'}`);
}
