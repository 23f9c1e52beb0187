/** One identity: what it is, how long it lives, which clients read it, what upstream answered. Pure. */
import { parseRoleArn, type StsRegion } from "../../credentials.ts";
import { formatDuration, SECOND } from "../../time.ts";
import { isSkewed } from "../../upstream/clock-skew.ts";
import type { SessionDuration } from "../../upstream/requested-duration.ts";
import type { ClientState, ClientStatus } from "../client-status.ts";
import type { IdentityStatus, Status } from "../status.ts";
import { clockTime, count, relative } from "../words.ts";
import { clientKey, clientRow } from "./clients.ts";
import { clock } from "./clock.ts";
import { fold } from "./fold.ts";
import { Html, html } from "./html.ts";
import { axisFor, lifeOf, lifetimeRow } from "./lifetime.ts";
import { callsTable } from "./tables.ts";

/** So many can be read one below the other; of more, those that are well are folded. */
const SHOWN_IDENTITIES = 3;
const SHOWN_CALM_CLIENTS = 5;

/** Those with a problem first. */
export function identitySections(status: Status): readonly Html[] {
  const { identities } = status;
  const sorted = identities.map((identity, index) => ({ identity, index, well: isWell(identity, status) }));
  sorted.sort((a, b) => Number(a.well) - Number(b.well));
  return sorted.map(({ identity, index, well }) =>
    identities.length > SHOWN_IDENTITIES
      ? folded(identity, well, status)
      : html`<section class="card" aria-labelledby="identity-${index}"><h2 id="identity-${index}">${identity.identity}</h2>${content(identity, status)}</section>`,
  );
}

function folded(identity: IdentityStatus, well: boolean, status: Status): Html {
  const open = html`<details class="card" data-open="${String(!well)}"${well ? undefined : new Html(" open")}>`;
  return html`${open}<summary><h2>${identity.identity}</h2> <small>${inShort(identity, status)}</small></summary>${content(identity, status)}</details>`;
}

function clientsOf({ identity }: IdentityStatus, { clients }: Status): readonly ClientStatus[] {
  return clients.filter((client) => client.identity === identity);
}

function isWell(identity: IdentityStatus, status: Status): boolean {
  const { state, failure } = identity;
  return state === "cached" && failure === undefined && clientsOf(identity, status).every(isCalm);
}

function isCalm({ state, lastReadServed }: ClientStatus): boolean {
  return state === "calm" && lastReadServed;
}

function inShort(identity: IdentityStatus, status: Status): string {
  const { state, cached, failure } = identity;
  const until =
    state === "loading"
      ? "no credentials yet"
      : state === "expired"
        ? `expired at ${clockTime(cached.honestExpiration, status.now)}`
        : cached.lifetime.kind === "until"
          ? `served until ${clockTime(cached.honestExpiration, status.now)}`
          : "served without an end";
  const calls = failure === undefined ? "" : `, ${failure.kind}`;
  return `${until}${calls}, ${count(clientsOf(identity, status).length, "client")}`;
}

function content(identity: IdentityStatus, status: Status): Html {
  const { now, settings } = status;
  const life = lifeOf(identity);
  const clients = [...clientsOf(identity, status)].sort(stormingFirst);
  const reportedUntil = clients.flatMap(({ reported }) => (reported === undefined ? [] : [reported.expiration]));
  const axis = life === undefined ? undefined : axisFor(life, reportedUntil, now);
  const mostReads = Math.max(0, ...status.clients.flatMap(({ readsPerMinute }) => readsPerMinute));
  const errorsSince = identity.state === "expired" ? identity.cached.honestExpiration : undefined;
  const rows = (some: readonly ClientStatus[]) =>
    some.map((client) => clientRow(client, { axis, now, mostReads, errorsSince }));
  const shown = clients.filter((client) => !isCalm(client)).length + SHOWN_CALM_CLIENTS;
  return html`<dl>${facts(identity, now)}</dl>
<div class="rows">${life === undefined || axis === undefined ? undefined : lifetimeRow(identity, life, axis, settings)}
${rows(clients.slice(0, shown))}${fold(clients.slice(shown), rows, "more calm client")}</div>
${clients.length === 0 ? html`<p class="quiet">No client has read these credentials yet.</p>` : undefined}${reportedUntil.length === 0 ? undefined : clientKey}
${callsTable(identity, now)}`;
}

const order: readonly ClientState[] = ["storming", "nothing", "inside-window", "calm"];

/** Those that need an operator first; the others stay where they are, by name. */
function stormingFirst(a: ClientStatus, b: ClientStatus): number {
  return rank(a) - rank(b);
}

/** A client whose last read failed stands with those that never got anything. */
function rank({ state, lastReadServed }: ClientStatus): number {
  return order.indexOf(state === "calm" && !lastReadServed ? "nothing" : state);
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
