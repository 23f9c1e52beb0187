/** Upstream calls and refusals, as tables. Pure. */
import type { UpstreamCall } from "../../telemetry/upstream-calls.ts";
import { refusalProblems } from "../requests.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { type Html, html } from "./html.ts";
import { clock, latency, relative } from "./words.ts";

const results: Readonly<Partial<Record<UpstreamCall["result"], readonly [tone: string, words: string]>>> = {
  refreshed: ["good", "refreshed"],
  unchanged: ["good", "the same as before"],
  shorter: ["warn", "shorter; not taken"],
};

export function callsTable({ identity, calls }: IdentityStatus, now: number): Html | undefined {
  if (calls.length === 0) return undefined;
  const slowest = Math.max(1, ...calls.map(({ tookMs }) => tookMs));
  return html`<table><caption>Upstream calls of ${identity}, the latest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">Result</th><th scope="col">Took</th></tr></thead>
<tbody>${groupsOf(calls).map((group) => callRow(group, slowest, now))}</tbody></table>`;
}

type Group = readonly [UpstreamCall, ...UpstreamCall[]];

/** Failures that say the same, one after the other, share a row: an outage must not push the last success off the screen. */
function groupsOf(calls: readonly UpstreamCall[]): readonly Group[] {
  const groups: [UpstreamCall, ...UpstreamCall[]][] = [];
  for (const call of calls) {
    const group = groups.at(-1);
    const same =
      group !== undefined &&
      group[0].result === call.result &&
      group[0].message === call.message &&
      group[0].forced === call.forced;
    if (same && call.message !== undefined) group.push(call);
    else groups.push([call]);
  }
  return groups;
}

function callRow(group: Group, slowest: number, now: number): Html {
  const [{ result, message, forced }] = group;
  const [tone, words] = results[result] ?? ["bad", result];
  const times = group.length === 1 ? "" : `${group.length} × `;
  const why = message === undefined ? undefined : html`<p>${message}</p>`;
  const longest = Math.max(...group.map(({ tookMs }) => tookMs));
  const share = `${Number(((longest / slowest) * 100).toFixed(1))}%`;
  return html`<tr><td>${whenOf(group, now)}</td>
<td><span class="badge ${tone}">${times}${words}</span>${forced && html` <small>on request</small>`}${why}</td>
<td>${group.length === 1 ? undefined : "up to "}${latency(longest)}<svg class="took" aria-hidden="true" width="100%" height="4"><rect width="${share}" height="4"/></svg></td></tr>`;
}

function whenOf(group: Group, now: number): Html {
  const [{ at: latest }] = group;
  const earliest = group.at(-1)?.at ?? latest;
  const from = group.length === 1 ? undefined : html`${clock(earliest, now)}–`;
  return html`${from}${clock(latest, now)} <small>${relative(latest, now)}</small>`;
}

export function refusalsTable({ refusals, credentialsAt, now }: Status): Html {
  if (refusals.length === 0) return html`<p>None since the start.</p>`;
  const rows = refusals.map(({ reason, total, lastAt }) => {
    const [problem] = refusalProblems([{ reason, lately: total }], credentialsAt);
    return html`<tr><td><b>${reason}</b><p>${problem?.remedy}</p></td><td>${total.toLocaleString("en")}</td>
<td>${relative(lastAt, now)}</td></tr>`;
  });
  return html`<table class="refusals"><caption>Refused requests by reason</caption>
<thead><tr><th scope="col">Reason, and what to do</th><th scope="col">Count</th><th scope="col">Last</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}
