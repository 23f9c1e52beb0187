/** The status as a page for people: no script, no style from elsewhere, every text escaped. Pure. */
import type { IdentityStatus, Status } from "./status.ts";

export const PAGE_SECURITY = [
  "Content-Security-Policy",
  "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  "Referrer-Policy",
  "no-referrer",
];

const STYLE =
  "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}" +
  "th,td{text-align:left;vertical-align:top;padding:.25rem 1rem .25rem 0}";

export function statusPage(status: Status): string {
  const { version, identities } = status;
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<meta http-equiv="refresh" content="5"><title>aws-credential-sidecar</title><style>${STYLE}</style>` +
    `<h1>aws-credential-sidecar ${escapeHtml(version)}</h1><p>${escapeHtml(headline(status))}</p>` +
    identities.map(section).join("") +
    "</html>\n"
  );
}

function headline({ ready, identities, storming }: Status): string {
  if (!ready)
    return `Not ready: ${identities
      .filter(({ state }) => state !== "held")
      .map(({ identity }) => identity)
      .join(", ")}.`;
  const failing = identities.filter(({ failure }) => failure !== undefined);
  if (failing.length > 0)
    return `Serving what is held, but upstream fails for ${failing.map(({ identity }) => identity).join(", ")}.`;
  return storming.length > 0 ? `Serving, but these clients read again and again: ${storming.join(", ")}.` : "All well.";
}

const titles: Readonly<Record<string, string>> = {
  upstream: "Upstream",
  state: "State",
  roleArn: "Role",
  accountId: "Account",
  accessKeyIdEnding: "Access key ID ends in",
  obtained: "Obtained",
  expiration: "Real expiration",
  honestExpiration: "Honest expiration",
  honestSecondsLeft: "Seconds left",
  nextTry: "Upstream is asked next",
};

function section(identity: IdentityStatus): string {
  const facts: Readonly<Record<string, unknown>> = { ...identity };
  const rows = Object.entries(titles).flatMap(([key, title]) =>
    facts[key] === undefined
      ? []
      : [`<tr><th scope="row">${title}</th><td>${escapeHtml(String(facts[key]))}</td></tr>`],
  );
  const { failure } = identity;
  if (failure !== undefined)
    rows.push(`<tr><th scope="row">Last failure</th><td>${escapeHtml(failure.message)}</td></tr>`);
  return `<h2>${escapeHtml(identity.identity)}</h2><table>${rows.join("")}</table>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
