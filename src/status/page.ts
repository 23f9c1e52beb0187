/** The status as a page for people: one response, nothing from elsewhere, every text escaped. Pure. */
import { createHash } from "node:crypto";
import { clock } from "./page/clock.ts";
import { gone } from "./page/gone.ts";
import { headline, tabIcon, tabTitle } from "./page/headline.ts";
import { Html, html } from "./page/html.ts";
import { identitySections } from "./page/identity.ts";
import { SCRIPT } from "./page/script.ts";
import { STYLE } from "./page/style.ts";
import { refusalsTable } from "./page/tables.ts";
import type { Status } from "./status.ts";
import { summaryOf } from "./summary.ts";
import { durationInWords } from "./words.ts";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Only the page's own style and script run, and the script reads only from here. `data:` is for the icon of the tab. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const PAGE_SECURITY = ["Content-Security-Policy", POLICY, "Referrer-Policy", "no-referrer"];

/** It is complete without scripts; then it must be reloaded by hand. */
export function statusPage(status: Status): string {
  const { version, hostname, startedAt, now, credentialsAt } = status;
  const [worst, ...others] = summaryOf(status);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${tabTitle(worst, hostname)}</title>
<link rel="icon" href="${tabIcon(worst)}"><style>${new Html(STYLE)}</style></head>
<body>${gone(hostname)}
<main><p class="pod"><b>${hostname}</b> · aws-credential-sidecar ${version} · up ${durationInWords(now - startedAt)} · serves ${credentialsAt.join(", ")}</p>
${headline(worst, others)}
${identitySections(status)}
<section class="card" aria-labelledby="refusals"><h2 id="refusals">Refused requests</h2>${refusalsTable(status)}</section>
<p class="quiet">As of ${clock(now, now)} UTC; all times are UTC. Plots show reads of the last 30 minutes, all on one scale.</p></main>
<footer><noscript><p>Scripts are off: reload the page to refresh it.</p></noscript><p><a href="/status">The same as JSON</a> · <a href="/metrics">Metrics</a></p></footer>
<script>${new Html(SCRIPT)}</script></body></html>
`;
  return page.text;
}
