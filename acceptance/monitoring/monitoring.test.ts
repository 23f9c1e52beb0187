/** A real Prometheus scrapes real sidecars, with the rules and the relabelling that deploy/monitoring ships. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse, stringify } from "yaml";
import { temporaryDirectory } from "../../test/support/environment.ts";
import { type Alert, panels } from "../../test/support/monitoring.ts";
import type { Serving } from "../../test/support/program.ts";
import { get } from "../../test/support/served.ts";
import { type Receiver, receiveAlerts } from "./alertmanager.ts";
import { startPods, storm, trespass } from "./pods.ts";
import { monitoring, Prometheus, promtool } from "./programs.ts";

const load = (name: string) => parse(readFileSync(join(monitoring, name), "utf8"));

/** The rules as they are but for their patience, which is proven by `promtool test rules`. */
function hastyRules(t: TestContext): string {
  const { groups } = load("alerts.yaml");
  const hasty = groups.map(({ rules, ...group }: { readonly rules: readonly Alert[] }) => ({
    ...group,
    rules: rules.map(({ for: _, ...rule }) => rule),
  }));
  const path = join(temporaryDirectory(t), "hasty.yaml");
  writeFileSync(path, stringify({ groups: hasty }));
  return path;
}

/** What Kubernetes would tell of a pod's port. */
const target = (url: string, pod: string, given: Readonly<Record<string, string>> = {}) => ({
  targets: [new URL(url).host],
  labels: {
    __meta_kubernetes_namespace: "shop",
    __meta_kubernetes_pod_name: pod,
    __meta_kubernetes_pod_phase: "Running",
    __meta_kubernetes_pod_container_port_name: "sidecar-admin",
    ...given,
  },
});

/** The configuration that is shipped; these pods in the place of Kubernetes, and a second where it has a minute. */
function configOf(t: TestContext, pods: Readonly<Record<string, Serving>>, { address }: Receiver): object {
  const {
    scrape_configs: [{ kubernetes_sd_configs: _, ...scrape }],
  } = load("prometheus.yaml");
  const applications = Object.entries(pods).map(([pod, { url }]) =>
    target(url, pod, { __meta_kubernetes_pod_container_port_name: "http" }),
  );
  const gone = target("http://127.0.0.1:1", "gone", { __meta_kubernetes_pod_phase: "Succeeded" });
  const running = Object.entries(pods).map(([pod, { adminUrl }]) => target(adminUrl, pod));
  return {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    alerting: { alertmanagers: [{ static_configs: [{ targets: [address] }] }] },
    rule_files: [join(monitoring, "alerts.yaml"), hastyRules(t)],
    scrape_configs: [{ ...scrape, static_configs: [...running, ...applications, gone] }],
  };
}

/** Only AWS's own endpoints have a region; its metric is shown in test/telemetry/regions.test.ts. */
const NEEDS_AWS = "Regions of STS";

test("A Prometheus that scrapes sidecars", async (t) => {
  const pods = await startPods(t);
  const pod = (name: string): Serving => pods[name] ?? assert.fail(`no pod ${name}`);
  const receiver = await receiveAlerts(t);
  const prometheus = await Prometheus.start(t, configOf(t, pods, receiver));
  const scraped = Object.keys(pods).length;
  await prometheus.until("up == 1", (samples) => samples.length === scraped);
  await get(`${pod("well").url}/v1/credentials`);
  await storm(pod("demo"));
  await trespass(pod("demo"), 5);

  await t.test("finds the port of every running pod, and no other", async () => {
    const found = (await prometheus.query("up")).map(({ metric }) => [metric.namespace, metric.pod]);
    assert.deepEqual(
      found.sort(),
      Object.keys(pods)
        .map((name) => ["shop", name])
        .sort(),
    );
  });

  for (const [alert, name, summary] of [
    ["CredentialsExpiringSoon", "ending", "The credentials of identity default in ending expire soon"],
    ["RefreshFailing", "down", "Refreshing the credentials of identity default in down fails"],
    ["RefreshStorm", "demo", "Client no-agent-no-accept in demo reads credentials again and again"],
    ["RefusedRequests", "demo", "demo refuses requests (reason: browser)"],
  ] as const) {
    await t.test(`tells of ${alert}`, { timeout: 60_000 }, async () => {
      const { annotations, labels } = await receiver.fired(alert, name);
      assert.deepEqual([annotations.summary, labels.namespace], [summary, "shop"]);
      assert.doesNotMatch(Object.values(annotations).join(" "), /<no value>|error/);
    });
  }

  await t.test("tells of nothing that is well", () => {
    const reported = receiver.alerts.map(({ labels }) => `${labels.alertname} ${labels.pod}`);
    const meant = [
      "CredentialsExpiringSoon ending",
      "RefreshFailing down",
      "RefreshStorm demo",
      "RefusedRequests demo",
    ];
    assert.deepEqual([...new Set(reported)].sort(), meant);
  });

  await t.test("evaluates every rule, with its patience and without", async () => {
    const { groups } = await prometheus.ask<{ groups: { rules: { name: string; health: string }[] }[] }>("rules");
    const names = load("alerts.yaml").groups.flatMap(({ rules }: { rules: Alert[] }) =>
      rules.map(({ alert }) => alert),
    );
    assert.deepEqual(
      groups.map(({ rules }) => rules.map(({ name }) => name)),
      [names, names],
    );
    assert.ok(groups.every(({ rules }) => rules.every(({ health }) => health === "ok")));
  });

  assert.ok(panels.some(({ title }) => title === NEEDS_AWS));
  for (const { title, targets } of panels.filter(({ title }) => title !== NEEDS_AWS)) {
    await t.test(`has something to show in the panel ${title}`, async () => {
      for (const { expr, legendFormat } of targets) {
        // What happens in trouble only is shown above zero: its series are there from the start.
        const asked = expr
          .replace(/ > 0$/, "")
          .replaceAll("$__rate_interval", "1m")
          .replaceAll(/\$(?:namespace|pod)/g, ".*");
        const samples = await prometheus.until(asked, (found) => found.length > 0);
        const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
        for (const { metric } of samples) {
          const missing = shown.filter((label) => !metric[label]);
          assert.deepEqual(missing, [], legendFormat);
        }
      }
    });
  }
});

test("promtool test rules finds that each alert fires when it should, and only then", async () => {
  const { code, output } = await promtool(["test", "rules", "alerts.test.yaml"]);
  assert.equal(code, 0, output);
});

test("promtool check rules finds nothing wrong", async () => {
  const { code, output } = await promtool(["check", "rules", "--lint=all", "--lint-fatal", "alerts.yaml"]);
  assert.equal(code, 0, output);
});

test("promtool check metrics finds nothing to say, with every series there is", async (t) => {
  const pods = await startPods(t);
  const demo = pods.demo ?? assert.fail("no demo");
  await storm(demo);
  await trespass(demo, 1);
  for (const { adminUrl } of Object.values(pods)) {
    const { text } = await get(`${adminUrl}/metrics`);
    const { code, output } = await promtool(["check", "metrics"], text);
    assert.deepEqual([code, output], [0, ""]);
  }
});
