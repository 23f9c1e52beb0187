/** What deploy/monitoring and the documents say of metrics, and what the program exports. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const root = fileURLToPath(new URL("../../", import.meta.url));

export const textOf = (path: string): string => readFileSync(root + path, "utf8");

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const alerts: readonly Alert[] = parse(textOf("deploy/monitoring/alerts.yaml")).groups.flatMap(
  ({ rules }: { readonly rules: readonly Alert[] }) => rules,
);

export interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly datasource: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly Target[];
}

export interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly datasource: { readonly uid: string };
}

export const panels: readonly Panel[] = JSON.parse(textOf("deploy/monitoring/dashboard.json")).panels;

/** Every document of the repository that may name a metric. */
export const documents: readonly string[] = [
  ...globSync("*.md", { cwd: root }),
  ...globSync("{docs,deploy}/**/*.md", { cwd: root }),
];

/** The labels of each exported series, by metric. A histogram's buckets have `le` too. */
export function exportedLabels(exposition: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of exposition.matchAll(/^(\w+)(?:\{(.*)\})? [\d.e+-]+$/gm)) {
    const known = found.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

const METRIC = /\b(?:credential_sidecar|process|nodejs)_\w+/g;

/** The metrics that a text names. */
export const metricsIn = (text: string): readonly string[] => [...new Set(text.match(METRIC))];

/** The labels that a PromQL expression selects a metric by. */
export function selectorsIn(expr: string): readonly (readonly [metric: string, label: string])[] {
  return [...expr.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, metric = "", matchers = ""]) =>
    [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label = ""]) => [metric, label] as const),
  );
}

/** The labels that a PromQL expression groups or joins by. */
export function groupedBy(expr: string): readonly string[] {
  return [...expr.matchAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g)].flatMap(([, list = ""]) =>
    list
      .split(",")
      .map((label) => label.trim())
      .filter((label) => label !== ""),
  );
}
