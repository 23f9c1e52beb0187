/** Reads the times that upstreams write. Pure. */

/** RFC 3339, with the variations that real issuers write: a blank for the `T`, offsets without a colon or minutes, a blank before the zone, and no zone at all. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))? ?(?:Z|UTC|GMT|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?$/i;

/**
 * The moment that `text` names, in ms since the epoch, or undefined when it is no such time. A time without a zone is
 * UTC, as every AWS service means it; `new Date(text)` would read it in the zone of `TZ`.
 */
export function parseTime(text: string): number | undefined {
  const [matched, year, month, day, hour, minute, second, fraction = "", sign, offsetHours, offsetMinutes = "0"] =
    TIME.exec(text.trim()) ?? [];
  if (matched === undefined) return undefined;
  const written = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
    Number(fraction.padEnd(3, "0").slice(0, 3)),
  );
  // Date.UTC turns 31 February into a day of March; a time that does not read back as written is none.
  if (new Date(written).toISOString().slice(0, 19) !== `${year}-${month}-${day}T${hour}:${minute}:${second}`) {
    return undefined;
  }
  const offset = sign === undefined ? 0 : (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return sign === "-" ? written + offset : written - offset;
}

/**
 * The expiration that a document states, for a credentials check: undefined when it states none, and an invalid date
 * when what it states is no time.
 */
export function expirationOf(stated: unknown): Date | undefined {
  if (stated === undefined || stated === null) return undefined;
  return new Date((typeof stated === "string" ? parseTime(stated) : undefined) ?? Number.NaN);
}
