/** Upstream calls and refusals, as tables. Pure. */
import type { CallStatus, IdentityStatus, RefusalStatus } from "../status.ts";
import { summaryOf } from "../summary.ts";
import { type Html, html } from "./html.ts";
import { clock, latency, relative } from "./words.ts";

const results: Readonly<Partial<Record<CallStatus["result"], readonly [tone: string, words: string]>>> = {
  refreshed: ["good", "refreshed"],
  unchanged: ["good", "the same as before"],
  shorter: ["warn", "shorter; not taken"],
};

export function callsTable({ identity, calls }: IdentityStatus, now: number): Html | undefined {
  if (calls.length === 0) return undefined;
  const slowest = Math.max(1, ...calls.map(({ tookMs }) => tookMs));
  return html`<table><caption>Upstream calls of ${identity}, the latest first</caption>
<thead><tr><th scope="col">When</th><th scope="col">Result</th><th scope="col">Took</th></tr></thead>
<tbody>${calls.map((call) => callRow(call, slowest, now))}</tbody></table>`;
}

function callRow({ at, tookMs, result, message }: CallStatus, slowest: number, now: number): Html {
  const [tone, words] = results[result] ?? ["bad", result];
  const time = Date.parse(at);
  const why = message === undefined ? undefined : html`<p>${message}</p>`;
  const share = `${Number(((tookMs / slowest) * 100).toFixed(1))}%`;
  return html`<tr><td>${clock(time, now)} <small>${relative(time, now)}</small></td>
<td><span class="badge ${tone}">${words}</span>${why}</td>
<td>${latency(tookMs)}<svg class="took" aria-hidden="true" width="100%" height="4"><rect width="${share}" height="4"/></svg></td></tr>`;
}

export function refusalsTable(refusals: readonly RefusalStatus[], now: number): Html {
  if (refusals.length === 0) return html`<p>None since the start.</p>`;
  return html`<table class="refusals"><caption>Requests that were refused, by reason</caption>
<thead><tr><th scope="col">Reason, and what to do</th><th scope="col">Count</th><th scope="col">Last</th></tr></thead>
<tbody>${refusals.map((refusal) => refusalRow(refusal, now))}</tbody></table>`;
}

function refusalRow({ reason, total, last }: RefusalStatus, now: number): Html {
  const [summary] = summaryOf({ identities: [], clients: [], drops: [], refusals: [{ reason, lately: total }] });
  return html`<tr><td><b>${reason}</b><p>${summary?.remedy}</p></td><td>${total.toLocaleString("en")}</td>
<td>${relative(Date.parse(last), now)}</td></tr>`;
}
