/** One identity: what it is, how long it lives, who reads it, what upstream said. Pure. */
import { parseRoleArn } from "../../credentials.ts";
import { formatDuration, SECOND } from "../../time.ts";
import { isSkewed } from "../../upstream/clock-skew.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { clientKey, clientRow } from "./clients.ts";
import { type Html, html } from "./html.ts";
import { axisFor, lifeOf, lifetimeRow } from "./lifetime.ts";
import { callsTable } from "./tables.ts";
import { clock, relative } from "./words.ts";

export function identitySection(identity: IdentityStatus, index: number, status: Status): Html {
  const now = Date.parse(status.now);
  const life = lifeOf(identity);
  const clients = status.clients.filter((client) => client.identity === identity.identity);
  const reportedUntil = clients.flatMap(({ reported }) =>
    reported === undefined ? [] : [Date.parse(reported.expiration)],
  );
  const axis = life === undefined ? undefined : axisFor(life, reportedUntil, now);
  const title = `identity-${index}`;
  return html`<section class="card" aria-labelledby="${title}"><h2 id="${title}">${identity.identity}</h2>
<dl>${facts(identity, now)}</dl>
<div class="rows">${life === undefined || axis === undefined ? undefined : lifetimeRow(identity, life, axis, status.settings)}
${clients.map((client) => clientRow(client, axis, now))}</div>
${clients.length === 0 ? html`<p class="quiet">No client has read these credentials yet.</p>` : undefined}${reportedUntil.length === 0 ? undefined : clientKey}
${callsTable(identity, now)}</section>`;
}

function facts(identity: IdentityStatus, now: number): readonly (Html | undefined)[] {
  const {
    roleArn,
    accountId,
    upstream,
    accessKeyIdEnding,
    state,
    nextRefresh,
    clockOffsetSeconds,
    durationSteppedDown,
  } = identity;
  const fact = (name: string, value: Html | string | undefined) =>
    value === undefined ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const role = parseRoleArn(roleArn)?.roleName ?? roleArn;
  const next = nextRefresh === undefined ? undefined : Date.parse(nextRefresh);
  return [
    fact(
      "Role",
      role === undefined
        ? undefined
        : html`${role}${role === roleArn ? undefined : html`<br><small>${roleArn}</small>`}`,
    ),
    fact("Account", accountId),
    fact("Upstream", upstream),
    fact("Access key ID", accessKeyIdEnding === undefined ? undefined : html`<code>…${accessKeyIdEnding}</code>`),
    fact("State", state === "cached" ? undefined : states[state]),
    fact("Upstream's clock", clockOffsetSeconds === undefined ? undefined : offsetWords(clockOffsetSeconds)),
    fact("Sessions", durationSteppedDown === undefined ? undefined : sessionsWords(durationSteppedDown)),
    fact("Upstream is asked next", next === undefined ? "now" : html`${clock(next, now)}, ${relative(next, now)}`),
  ];
}

function offsetWords(seconds: number): string {
  if (!isSkewed(seconds)) return "agrees with this one";
  return `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this one`;
}

function sessionsWords({ askedSeconds, allowedSeconds }: NonNullable<IdentityStatus["durationSteppedDown"]>): string {
  const [asked, allowed] = [askedSeconds, allowedSeconds].map((seconds) => formatDuration(seconds * SECOND));
  return `${allowed}, which the role allows; ${asked} was asked for`;
}

const states = {
  loading: "nothing loaded yet",
  expired: "ended; not served",
} as const;
