/** The content of the state file: what each identity has cached, for the process after this one. Pure. */
import type { Snapshot } from "../cache/cached-credentials.ts";
import { type Credentials, checkCredentials } from "../credentials.ts";
import { HOUR, MINUTE } from "../time.ts";

/** A document of another version means other things by the same names, and is as good as none. */
const VERSION = 1;

/** No session of AWS is longer, and clocks may be five minutes apart. */
const LONGEST_MS = 36 * HOUR + 5 * MINUTE;

/** One identity's part. Times by the monotonic clock are since the start of the system. */
export interface StateRecord {
  /** A digest of what upstream was asked for. */
  readonly givenFor: string;
  readonly snapshot: Snapshot;
}

export interface State {
  /** Of this start of the system: ages by the monotonic clock mean nothing after the next. */
  readonly boot: string;
  readonly records: ReadonlyMap<string, StateRecord>;
}

/** Holds secrets. */
export function renderState({ boot, records }: State): string {
  return JSON.stringify({ version: VERSION, boot, identities: Object.fromEntries([...records].map(recordJson)) });
}

function recordJson([identity, { givenFor, snapshot }]: readonly [string, StateRecord]) {
  const { cached, since, scheduled, nextRefreshAt, isForced } = snapshot;
  const { lifetime, ...credentials } = cached.credentials;
  const expiration = lifetime.kind === "until" ? lifetime.expiration : undefined;
  const { obtainedAt, generation } = cached;
  const record = {
    givenFor,
    credentials,
    expiration,
    obtainedAt,
    generation,
    since,
    scheduled,
    nextRefreshAt,
    isForced,
  };
  return [identity, record] as const;
}

/**
 * What a text holds of this start of the system: undefined when it is not such a document. A record in which anything is
 * not as {@link renderState} writes it is left out.
 */
export function parseState(text: string, boot: string): State | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { version, boot: written, identities } = Object(document);
  if (version !== VERSION || written !== boot || Object(identities) !== identities) return undefined;
  const records = Object.entries(identities).flatMap(([identity, value]) => {
    const record = recordIn(Object(value));
    return record === undefined ? [] : [[identity, record] as const];
  });
  return { boot, records: new Map(records) };
}

type Fields = Readonly<Record<string, unknown>>;

function recordIn(fields: Fields): StateRecord | undefined {
  const { givenFor, obtainedAt, generation, nextRefreshAt, isForced } = fields;
  const [since, scheduled, credentials] = [clocksIn(fields.since), clocksIn(fields.scheduled), credentialsIn(fields)];
  if (since === undefined || scheduled === undefined || credentials === undefined) return undefined;
  if (typeof givenFor !== "string" || typeof isForced !== "boolean") return undefined;
  if (!isInstant(obtainedAt) || !isInstant(nextRefreshAt) || !Number.isSafeInteger(generation)) return undefined;
  const { lifetime } = credentials;
  if (lifetime.kind !== "until" || lifetime.expiration - since.wall > LONGEST_MS) return undefined;
  const cached = { credentials, obtainedAt, generation: Number(generation) };
  return { givenFor, snapshot: { cached, since, scheduled, nextRefreshAt, isForced } };
}

function credentialsIn({ credentials: given, expiration }: Fields): Credentials | undefined {
  const { roleArn, fromProgram, sts, ...answer } = Object(given);
  if (!isInstant(expiration) || (roleArn !== undefined && typeof roleArn !== "string")) return undefined;
  const expected = { roleArn, unlimitedAllowed: false, fromProgram: fromProgram === true, sts: stsIn(sts) };
  const checked = checkCredentials({ ...answer, expiration: new Date(expiration) }, expected);
  return checked.kind === "ok" ? checked.credentials : undefined;
}

function stsIn(sts: unknown): Credentials["sts"] {
  const { region, home } = Object(sts);
  return typeof region === "string" && typeof home === "string" ? { region, home } : undefined;
}

function clocksIn(value: unknown) {
  const { wall, monotonicMs } = Object(value);
  return isInstant(wall) && Number.isFinite(monotonicMs) ? { wall, monotonicMs: Number(monotonicMs) } : undefined;
}

/** The range of dates. */
const MAX_INSTANT = 8.64e15;

function isInstant(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_INSTANT;
}
