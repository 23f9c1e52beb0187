/** Kinds of setting values: how text is read, and how a value is shown as a user would write it. Pure. */
import { isIP, SocketAddress } from "node:net";
import { type Client, declarableNames, findClient } from "../policy/clients.ts";
import { formatDuration, parseDuration } from "../time.ts";

export type Read<T> = { readonly kind: "ok"; readonly value: T } | { readonly kind: "bad" };

export interface Kind<T> {
  readonly read: (text: string) => Read<T>;
  readonly show: (value: T) => string;
  /** The words that are allowed, where they are few enough to be listed. */
  readonly known?: readonly string[];
}

const ok = <T>(value: T): Read<T> => ({ kind: "ok", value });
const bad: Read<never> = { kind: "bad" };

/** `90s`, `15m`, `1h30m`, `500ms`, as {@link parseDuration} reads them, within [minMs, maxMs]. */
export function durationBetween(minMs: number, maxMs: number): Kind<number> {
  return {
    show: formatDuration,
    read: (text) => {
      const ms = parseDuration(text);
      return ms !== undefined && ms >= minMs && ms <= maxMs ? ok(ms) : bad;
    },
  };
}

export function oneOf<const T extends string>(allowed: readonly T[]): Kind<T> {
  return {
    show: String,
    known: allowed,
    read: (text) => {
      const found = allowed.find((one) => one === text);
      return found === undefined ? bad : ok(found);
    },
  };
}

export function matching(pattern: RegExp): Kind<string> {
  return { show: String, read: (text) => (pattern.test(text) ? ok(text) : bad) };
}

export function listOf<T>(item: Kind<T>, maxLength: number): Kind<readonly T[]> {
  return {
    show: (values) => values.map(item.show).join(","),
    read: (text) => {
      const reads = text.split(",").map((part) => item.read(part.trim()));
      const values = reads.flatMap((read) => (read.kind === "ok" ? [read.value] : []));
      return values.length === reads.length && values.length <= maxLength ? ok(values) : bad;
    },
  };
}

/** The kind, or the word `off`. */
export function orOff<T>(kind: Kind<T>): Kind<T | "off"> {
  return {
    known: ["off"],
    show: (value) => (value === "off" ? "off" : kind.show(value)),
    read: (text) => (text === "off" ? ok("off") : kind.read(text)),
  };
}

/** The name of a client that can be declared, such as `botocore-1`. */
export const clientKind: Kind<Client> = {
  known: declarableNames,
  show: ({ name }) => name,
  read: (text) => {
    const value = findClient(text);
    return value === undefined ? { kind: "bad" } : { kind: "ok", value };
  },
};

/** An address and port to listen on. No host means every interface. */
export interface ListenAddress {
  readonly host: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** `127.0.0.1:9911`, `[::1]:9911`, `localhost:9911`, `:9912`. Names other than `localhost` are not resolved. */
export const listenAddress: Kind<ListenAddress> = { read: readListenAddress, show: formatAddress };

export function formatAddress({ host, port }: ListenAddress): string {
  return `${host?.includes(":") ? `[${host}]` : (host ?? "")}:${port}`;
}

function readListenAddress(text: string): Read<ListenAddress> {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return bad;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? ok({ host: canonicalIPv6(bracketed), port }) : bad;
  if (plain === "") return ok({ host: undefined, port });
  if (plain === "localhost") return ok({ host: "127.0.0.1", port });
  return plain !== undefined && isIP(plain) === 4 ? ok({ host: plain, port }) : bad;
}

/** One spelling for each address, so that a request's `Host` can be compared with it. */
function canonicalIPv6(address: string): string {
  return new SocketAddress({ address, family: "ipv6" }).address;
}

/** `team=payments,service=api`: at most 50 (the STS limit), keys and values as STS allows them. */
export const sessionTags: Kind<Readonly<Record<string, string>>> = {
  show: (tags) =>
    Object.entries(tags)
      .map((pair) => pair.join("="))
      .join(","),
  read: readSessionTags,
};

/** The key of a session tag. */
export const tagKey: Kind<string> = matching(/^[\p{L}\p{Z}\p{N}_.:/+\-@]{1,128}$/u);

const TAG = /^\s*([\p{L}\p{Z}\p{N}_.:/+\-@]{1,128}?)\s*=\s*([\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}?)\s*$/u;

function readSessionTags(text: string): Read<Readonly<Record<string, string>>> {
  const pairs = text.split(",").map((pair) => TAG.exec(pair));
  const tags = Object.fromEntries(pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? "", pair[2] ?? ""]])));
  return Object.keys(tags).length === pairs.length && pairs.length <= 50 ? ok(tags) : bad;
}

/** A JSON object of at most 2 048 characters, the STS limit for a session policy. */
export const policyDocument: Kind<string> = { read: readPolicyDocument, show: String };

function readPolicyDocument(text: string): Read<string> {
  if (text.length > 2_048) return bad;
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? ok(text) : bad;
  } catch {
    return bad;
  }
}
