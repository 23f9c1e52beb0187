/**
 * The cases of the fuzzer: requests that are put together from parts, some of which forbid any credentials, and bytes of
 * the kept corpus that are broken in random places.
 */
import type { Random } from "./random.ts";

export interface FuzzCase {
  readonly bytes: Buffer;
  /** Nothing that a listener answers to these bytes may hold credentials, and why. Undefined when they may. */
  readonly forbidden: string | undefined;
}

export interface CaseOptions {
  /** Complete requests that a listener may answer with credentials. */
  readonly seeds: readonly Buffer[];
  /** The auth token that the listener asks for, or none. */
  readonly token: string | undefined;
}

/** One case: put together from parts, or a seed with its bytes broken. */
export function nextCase(random: Random, options: CaseOptions): FuzzCase {
  const one = random.chance(0.6) ? composed(random, options) : broken(random, options);
  if (!random.chance(0.1)) return one;
  const other = random.chance(0.5) ? composed(random, options) : broken(random, options);
  const forbidden = one.forbidden !== undefined && other.forbidden !== undefined ? one.forbidden : undefined;
  return { bytes: Buffer.concat([one.bytes, other.bytes]), forbidden };
}

const METHODS = [
  "GET",
  "HEAD",
  "PUT",
  "POST",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "CONNECT",
  "PATCH",
  "PRI",
  "get",
  "GEТ",
  "",
];
const TARGETS = [
  "/v1/credentials",
  "/v1/credentials/default",
  "/v1/for/botocore/credentials",
  "/v1/for/nobody/credentials",
  "/v1/credentials/",
  "/v1/credentials?x=1",
  "//v1/credentials",
  "/v1/../v1/credentials",
  "/v1/%63redentials",
  "http://127.0.0.1/v1/credentials",
  "*",
  "/",
  "",
  "/latest/api/token",
  "/latest/meta-data/iam/security-credentials",
  "/latest/meta-data/iam/security-credentials/",
  "/latest/meta-data/iam/security-credentials/demo",
  "/latest/meta-data/iam/security-credentials/../demo",
  "/latest/dynamic/instance-identity/document",
  "/livez",
  "/readyz",
  "/readyz?verbose",
  "/metrics",
  "/status",
  "/refresh",
  "/refresh?identity=default",
  "/refresh?identity=",
];
const VERSIONS = [
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/2.0",
  "HTTP/0.9",
  "HTTP/1.2",
  "RTSP/1.0",
  "http/1.1",
  "HTTP/1.1 ",
  "ICY",
];
const HOSTS = ["127.0.0.1", "127.0.0.1:9911", "localhost", "[::1]", "evil.example", "127.0.0.1.evil.example", "", "0"];
const ENDINGS = ["\r\n", "\n", "\r", "\r\n\t", "\r\n "];

/** Headers of which each forbids credentials: marks of proxies and browsers, and bodies. */
const FORBIDDING = [
  "Origin: http://evil.example",
  "ORIGIN:null",
  "Sec-Fetch-Mode: cors",
  "sec-fetch-site: cross-site",
  "X-Forwarded-For: 10.0.0.1",
  "x-forwarded-host: evil.example",
  "Forwarded: for=10.0.0.1",
  "Via: 1.1 proxy",
  "X-Real-IP: 10.0.0.1",
  "Content-Length: 5",
  "Transfer-Encoding: gzip",
];
const HARMLESS = [
  "Accept: */*",
  "User-Agent: aws-sdk-java/1.11.546",
  "User-Agent: python-urllib3/2.8.0",
  "User-Agent: \u00e9\u00ff",
  "Connection: keep-alive",
  "Connection: upgrade, close",
  "Upgrade: websocket",
  "Expect: 100-continue",
  "Accept-Encoding: identity",
  "Amz-Sdk-Request: attempt=1; max=3",
  "X-aws-ec2-metadata-token: AAAA",
  "X-aws-ec2-metadata-token-ttl-seconds: 60",
  "X-aws-ec2-metadata-token-ttl-seconds: 99999999999999999999",
  "Content-Length: 0",
  ": no name",
  "A",
  "A\u0000b: c",
];

function composed(random: Random, { token }: CaseOptions): FuzzCase {
  // Mostly what would be right, so that what is wrong stands alone.
  const often = <T>(right: T, any: readonly T[]): T => (random.chance(0.75) ? right : random.pick(any));
  const host = often("127.0.0.1", HOSTS);
  const lines = [`Host: ${host}`];
  const method = often("GET", METHODS);
  const version = often("HTTP/1.1", VERSIONS);
  const forbidden: string[] = [];
  if (host.includes("evil")) forbidden.push("another host");
  if (method !== "GET") forbidden.push(`the method ${method}`);
  if (!/^HTTP\/1\.[01] ?$/.test(version)) forbidden.push(`the version ${version}`);
  for (let count = random.below(4); count > 0; count -= 1) lines.push(random.pick(HARMLESS));
  for (let count = often(0, [1, 1, 2, 1_100]); count > 0; count -= 1)
    lines.push(count > 2 ? "a:b" : mark(random, forbidden));
  if (token !== undefined) authorize(random, token, lines, forbidden);
  const ending = often("\r\n", ENDINGS);
  const request = [`${method} ${often("/v1/credentials", TARGETS)} ${version}`, ...lines];
  const text = `${request.join(ending)}${ending}${ending}`;
  return { bytes: Buffer.from(text, "latin1"), forbidden: forbidden[0] };
}

function mark(random: Random, forbidden: string[]): string {
  const line = random.pick(FORBIDDING);
  forbidden.push(line);
  return line;
}

function authorize(random: Random, token: string, lines: string[], forbidden: string[]): void {
  if (random.chance(0.6)) {
    lines.splice(random.below(lines.length + 1), 0, `Authorization: ${token}`);
    return;
  }
  forbidden.push("no auth token");
  const wrong = [
    "",
    `Authorization: ${token}x`,
    `Authorization: ${token.slice(1)}`,
    "Authorization:",
    `X-Token: ${token.slice(2)}`,
  ];
  lines.push(...[random.pick(wrong)].filter((line) => line !== ""));
}

/** Bytes that mean something to a parser of HTTP, and some that mean nothing to anybody. */
const PIECES = [
  "\r\n",
  "\n",
  "\0",
  ":",
  " ",
  "\t",
  "\r\n\r\n",
  "0\r\n\r\n",
  "\u00ff",
  "GET ",
  "HTTP/1.1",
  "%0d%0a",
  ",",
  "Host:",
];

function broken(random: Random, { seeds, token }: CaseOptions): FuzzCase {
  let bytes: Buffer = Buffer.from(random.pick(seeds));
  for (let times = 1 + random.below(4); times > 0; times -= 1) bytes = brokenOnce(random, bytes, seeds);
  bytes = bytes.subarray(0, MAX_BYTES);
  const hasToken = token === undefined || bytes.includes(token);
  return { bytes, forbidden: hasToken ? undefined : "no auth token" };
}

/** More than a listener takes for headers (8 KiB), and little enough for a hundred thousand cases. */
const MAX_BYTES = 12_288;

function brokenOnce(random: Random, bytes: Buffer, seeds: readonly Buffer[]): Buffer {
  const at = random.below(bytes.length + 1);
  const to = Math.min(bytes.length, at + random.below(64));
  const [before, within, after] = [bytes.subarray(0, at), bytes.subarray(at, to), bytes.subarray(to)];
  switch (random.below(6)) {
    case 0:
      return Buffer.concat([before, Buffer.from([random.below(256)]), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([before, Buffer.from(random.pick(PIECES), "latin1"), within, after]);
    case 2:
      return Buffer.concat([before, after]);
    case 3:
      return Buffer.concat([before, ...Array.from({ length: 1 + random.below(200) }, () => within), after]);
    case 4:
      return before;
    default:
      return Buffer.concat([before, random.pick(seeds).subarray(random.below(64))]);
  }
}
