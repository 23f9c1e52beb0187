/** The status as a page for people: one answer, nothing from elsewhere, every text escaped. Pure. */
import { createHash } from "node:crypto";
import { headline, tabIcon } from "./page/headline.ts";
import { Html, html } from "./page/html.ts";
import { identitySection } from "./page/identity.ts";
import { SCRIPT } from "./page/script.ts";
import { STYLE } from "./page/style.ts";
import { refusalsTable } from "./page/tables.ts";
import { clock } from "./page/words.ts";
import type { Status } from "./status.ts";
import { type Summary, summaryOf } from "./summary.ts";

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Only the page's own style and script run, and the script reads only from here. `data:` is the mark of the tab. */
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

const WELL: Summary = { state: "well", sentence: "All well." };

/** Without scripts it is as complete; it only has to be reloaded by hand. */
export function statusPage(status: Status): string {
  const { version, identities, refusals } = status;
  const now = Date.parse(status.now);
  const [worst = WELL, ...others] = summaryOf(status);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${worst.sentence} – aws-credential-sidecar</title>
<link rel="icon" href="${tabIcon(worst)}"><style>${new Html(STYLE)}</style></head>
<body><header><p>aws-credential-sidecar <small>${version}</small></p></header>
<p id="stale" role="alert" hidden>The sidecar does not answer any more: what is below is as of its last answer.</p>
<main>${headline(worst, others)}
${identities.map((identity, index) => identitySection(identity, index, status))}
<section class="card" aria-labelledby="refusals"><h2 id="refusals">Refused requests</h2>${refusalsTable(refusals, now)}</section>
<p class="quiet">As of ${clock(now, now)} UTC, as are all times here. Plots are of the last 30 minutes.</p></main>
<footer><noscript><p>Reload for what is new: scripts are off.</p></noscript><p><a href="/status">The same as JSON</a> · <a href="/metrics">Metrics</a></p></footer>
<script>${new Html(SCRIPT)}</script></body></html>
`;
  return page.text;
}
