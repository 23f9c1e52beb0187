/** Dashboard, alerts and documents name what the program exports, and nothing else. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { MINUTE } from "../../../src/time.ts";
import { EPOCH } from "../../support/fake-clock.ts";
import { fakeEdge } from "../../support/fake-edge.ts";
import {
  alerts,
  documents,
  exportedLabels,
  groupedBy,
  metricsIn,
  panels,
  selectorsIn,
  textOf,
} from "../../support/monitoring.ts";
import { get, serveForTest } from "../../support/served.ts";
import { fakeCredentials, upstreamOf } from "../../support/upstreams.ts";

/** What a scrape adds: Prometheus itself, and its operator or deploy/monitoring/prometheus.yaml. */
const SCRAPED = ["job", "instance", "namespace", "pod"];

/** What a sidecar exports that has been through everything that makes a series: a storm, an attempt, a scrape. */
async function exportedAfterAll(): Promise<string> {
  const edge = fakeEdge();
  const sts = { region: "eu-west-1", home: "eu-west-1" };
  const upstream = upstreamOf(() => fakeCredentials(EPOCH + 15 * MINUTE, { sts }));
  const { url, adminUrl, close } = await serveForTest({ edge, upstreams: { default: upstream } });
  await edge.clock.advance(0);
  for (let read = 0; read < 60; read += 1) await get(`${url}/v1/credentials`);
  const { text } = await get(`${adminUrl}/metrics`);
  await close();
  return text;
}

const exposition = await exportedAfterAll();
const exported = exportedLabels(exposition);

/** A document may name a histogram as a whole. */
const labelsOf = (metric: string) => exported.get(metric) ?? exported.get(`${metric}_count`) ?? [];

function assertExported(text: string): void {
  for (const metric of metricsIn(text)) {
    assert.ok(exported.has(metric) || exported.has(`${metric}_count`), `${metric} is not exported`);
  }
}

function assertLabelled(expr: string, legend: string): void {
  for (const [metric, label] of selectorsIn(expr)) {
    assert.ok(SCRAPED.includes(label) || exported.get(metric)?.has(label), `${metric} has no label ${label}`);
  }
  const labels = new Set(metricsIn(expr).flatMap((metric) => [...(exported.get(metric) ?? [])]));
  const shown = [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}|\$labels\.(\w+)/g)].map(([, a, b]) => a ?? b ?? "");
  for (const label of [...groupedBy(expr), ...shown]) {
    assert.ok(SCRAPED.includes(label) || labels.has(label), `nothing in the expression has a label ${label}`);
  }
}

suite("The alerts", () => {
  for (const { alert, expr, annotations } of alerts) {
    test(`${alert} asks for metrics and labels that are exported`, () => {
      assert.notDeepEqual(metricsIn(expr), []);
      assertExported(expr);
      assertLabelled(expr, Object.values(annotations).join(" "));
    });
  }
});

suite("The dashboard", () => {
  for (const { title, targets } of panels) {
    test(`shows metrics and labels that are exported: ${title}`, () => {
      for (const { expr, legendFormat } of targets) {
        assert.notDeepEqual(metricsIn(expr), []);
        assertExported(expr);
        assertLabelled(expr, legendFormat);
      }
    });
  }

  test("shows every metric there is", () => {
    const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr))));
    assert.deepEqual(
      [...exported.keys()].filter((metric) => !shown.has(metric)),
      [],
    );
  });
});

suite("The documents", () => {
  for (const path of documents) {
    test(`${path} names metrics that are exported`, () => assertExported(textOf(path)));
  }

  test("deploy/monitoring/README.md has every metric with its type and labels", () => {
    const rows = [...textOf("deploy/monitoring/README.md").matchAll(/^\| `(\w+)` +\| (\w+) +\| (.+?) +\|/gm)];
    const documented = rows.map(([, metric, type, labels = ""]) => [metric, type, labels.match(/\w+/g) ?? []]);
    const types = [...exposition.matchAll(/^# TYPE (\w+) (\w+)$/gm)];
    const real = types.map(([, metric = "", type]) => [metric, type, [...labelsOf(metric)]]);
    assert.deepEqual(documented.sort(), real.sort());
  });
});
