/** The alerts as Prometheus' operator takes them. */
import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";

const alerts = new URL("../../deploy/monitoring/alerts.yaml", import.meta.url);

const HEAD = "# The rules of alerts.yaml for Prometheus' operator. Made by `npm run generate`; change alerts.yaml.\n";

/** The text of `deploy/monitoring/prometheusrule.yaml`. */
export function prometheusRule(): string {
  const { groups } = parse(readFileSync(alerts, "utf8"));
  const manifest = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name: "aws-credential-sidecar" },
    spec: { groups },
  };
  return HEAD + stringify(manifest, { lineWidth: 120 });
}
