/** Upstream calls and refusals, as tables. Pure. */

import { refusalRow } from "../../refusals.ts";
import type { UpstreamCall } from "../../telemetry/upstream-calls.ts";
import { refusalProblems } from "../requests.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { latency, relative } from "../words.ts";
import { clock } from "./clock.ts";
import { advice } from "./headline.ts";
import { type Html, html } from "./html.ts";

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
<tbody>${calls.map((call) => callRow(call, slowest, now))}</tbody></table>`;
}

function callRow(call: UpstreamCall, slowest: number, now: number): Html {
  const { times, result, message, forced, tookMs } = call;
  const [tone, words] = results[result] ?? ["bad", result];
  const why = message === undefined ? undefined : html`<p>${message}</p>`;
  const share = `${Number(((tookMs / slowest) * 100).toFixed(1))}%`;
  return html`<tr><td>${whenOf(call, now)}</td>
<td><span class="badge ${tone}">${times === 1 ? "" : `${times.toLocaleString("en")} × `}${words}</span>${forced && html` <small>on request</small>`}${why}</td>
<td>${times === 1 ? undefined : "up to "}${latency(tookMs)}<svg class="took" aria-hidden="true" width="100%" height="4"><rect width="${share}" height="4"/></svg></td></tr>`;
}

function whenOf({ times, firstAt, at }: UpstreamCall, now: number): Html {
  return html`${times === 1 ? undefined : html`${clock(firstAt, now)}–`}${clock(at, now)} <small>${relative(at, now)}</small>`;
}

export function refusalsTable({ refusals, credentialsAt, now }: Status): Html {
  if (refusals.length === 0) return html`<p>None since the start.</p>`;
  const rows = refusals.map(({ reason, total, lastAt }) => {
    const [problem] = refusalProblems([{ reason, lately: total }], credentialsAt);
    return html`<tr><td>${refusalRow(reason).why} <small><code>${reason}</code></small>${problem && advice(problem)}</td><td>${total.toLocaleString("en")}</td>
<td>${relative(lastAt, now)}</td></tr>`;
  });
  return html`<table class="refusals"><caption>Refused requests by reason</caption>
<thead><tr><th scope="col">Reason, and what to do</th><th scope="col">Count</th><th scope="col">Last</th></tr></thead>
<tbody>${rows}</tbody></table>`;
}
