/** One identity: what it is, how long it lives, which clients read it, what upstream answered. Pure. */
import { parseRoleArn, type StsRegion } from "../../credentials.ts";
import { formatDuration, SECOND } from "../../time.ts";
import { isSkewed } from "../../upstream/clock-skew.ts";
import type { SessionDuration } from "../../upstream/requested-duration.ts";
import type { ClientState, ClientStatus } from "../client-status.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { clientKey, clientRow } from "./clients.ts";
import { type Html, html } from "./html.ts";
import { axisFor, lifeOf, lifetimeRow } from "./lifetime.ts";
import { callsTable } from "./tables.ts";
import { clock, relative } from "./words.ts";

export function identitySection(identity: IdentityStatus, index: number, status: Status): Html {
  const { now, settings } = status;
  const life = lifeOf(identity);
  const clients = status.clients.filter((client) => client.identity === identity.identity).sort(stormingFirst);
  const reportedUntil = clients.flatMap(({ reported }) => (reported === undefined ? [] : [reported.expiration]));
  const axis = life === undefined ? undefined : axisFor(life, reportedUntil, now);
  const title = `identity-${index}`;
  return html`<section class="card" aria-labelledby="${title}"><h2 id="${title}">${identity.identity}</h2>
<dl>${facts(identity, now)}</dl>
<div class="rows">${life === undefined || axis === undefined ? undefined : lifetimeRow(identity, life, axis, settings)}
${clients.map((client) => clientRow(client, axis, now))}</div>
${clients.length === 0 ? html`<p class="quiet">No client has read these credentials yet.</p>` : undefined}${reportedUntil.length === 0 ? undefined : clientKey}
${callsTable(identity, now)}</section>`;
}

const order: readonly ClientState[] = ["storming", "inside-window", "nothing", "calm"];

/** Those that need an operator first; the others stay where they are, by name. */
function stormingFirst(a: ClientStatus, b: ClientStatus): number {
  return order.indexOf(a.state) - order.indexOf(b.state);
}

function facts(identity: IdentityStatus, now: number): readonly (Html | undefined)[] {
  const { cached, configured, upstream, nextRefreshAt, facts: learned } = identity;
  const { clockOffsetMs, sessionDuration } = learned;
  const fact = (name: string, value: Html | string | undefined) =>
    value === undefined ? undefined : html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const next =
    nextRefreshAt === undefined ? "in progress" : html`${clock(nextRefreshAt, now)}, ${relative(nextRefreshAt, now)}`;
  return [
    fact("Role", roleWords(cached?.roleArn ?? configured.roleArn)),
    fact("Account", cached?.accountId ?? parseRoleArn(configured.roleArn)?.accountId),
    fact("Upstream", upstream),
    fact("STS", configured.stsHost),
    fact("STS answered in", cached?.sts && regionWords(cached.sts)),
    fact("Access key ID", cached && html`<code>…${cached.accessKeyIdEnding}</code>`),
    fact("State", states[identity.state]),
    fact("Obtained", cached?.fromState && "before the sidecar started; read from the state file"),
    fact("Upstream's clock", clockOffsetMs === undefined ? undefined : offsetWords(Math.round(clockOffsetMs / SECOND))),
    fact("Sessions", sessionDuration && sessionsWords(sessionDuration)),
    fact("Next refresh", next),
  ];
}

function regionWords({ region, home }: StsRegion): string {
  return region === home ? region : `${region}, in the place of ${home}`;
}

function roleWords(arn: string | undefined): Html | undefined {
  if (arn === undefined) return undefined;
  const name = parseRoleArn(arn)?.roleName;
  return name === undefined ? html`${arn}` : html`${name}<br><small>${arn}</small>`;
}

function offsetWords(seconds: number): string {
  if (!isSkewed(seconds)) return "agrees with this one";
  return `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this one`;
}

/** Nothing where the sessions are as long as was requested. */
function sessionsWords({ askedSeconds, allowedSeconds, limit, refusedSeconds }: SessionDuration): string | undefined {
  if (limit === undefined) return undefined;
  const words = (seconds: number) => formatDuration(seconds * SECOND);
  const requested = `${words(askedSeconds)} was requested`;
  if (limit === "chaining") return `${words(allowedSeconds)}, the most that role chaining allows; ${requested}`;
  if (refusedSeconds === undefined) return `${words(allowedSeconds)}, the most that the role allows; ${requested}`;
  return `${words(allowedSeconds)}; the role refused ${words(refusedSeconds)}; ${requested}`;
}

const states: Readonly<Record<IdentityStatus["state"], string | undefined>> = {
  loading: "no credentials yet",
  expired: "expired; reads get 503",
  cached: undefined,
};
