/** A second reading of what peers send, made from the specifications and not from the program. */

/** RFC 9112, sections 2.2 and 3: empty lines may come first, and words may be any number of spaces apart. */
const HEAD = /^[\r\n]*([A-Z-]+) +([\x21-\x7e]+) +HTTP\/1\.[01]\r\n((?:[^\r\n]+\r\n)*)\r\n/;
/** RFC 9110, section 5: a token, and a value of visible characters, blanks and obs-text. */
const FIELD = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/;

type Fields = readonly (readonly [name: string, value: string])[];

/** What the sidecar takes of headers. */
const MAX_HEADER_BYTES = 8_192;
const MAX_FIELDS = 100;

interface Request {
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  /** What follows its header section. */
  readonly rest: string;
}

/** The request that the text begins with, if it does. */
function firstRequest(text: string): Request | undefined {
  const [head, method = "", target = "", lines = ""] = HEAD.exec(text) ?? [];
  const fields = readFields(lines);
  return head === undefined || fields === undefined
    ? undefined
    : { method, target, fields, rest: text.slice(head.length) };
}

/**
 * How many answers with credentials these bytes may bring from a sidecar on 127.0.0.1, with IMDSv2, a `default`
 * identity and no auth token. Stops at what is no request; nothing counts behind it.
 */
export function legitimateReads(bytes: Buffer, session: string): number {
  let reads = 0;
  let request = firstRequest(bytes.toString("latin1"));
  while (request !== undefined && request.method !== "CONNECT") {
    const { fields, rest } = request;
    if (mayRead(request, session)) reads += 1;
    if (valuesOf(fields, "transfer-encoding").length > 0) {
      return isChunkedOnly(fields) ? reads + readsAnywhere(rest, session) : reads;
    }
    const length = lengthOf(fields);
    request = length === undefined ? undefined : firstRequest(rest.slice(length));
  }
  return reads;
}

/** RFC 9112, section 6.1: a length beside a coding ought to be handled as an error. */
function isChunkedOnly(fields: Fields): boolean {
  const codings = valuesOf(fields, "transfer-encoding");
  return valuesOf(fields, "content-length").length === 0 && /chunked[ \t]*$/i.test(codings.at(-1) ?? "");
}

/** Chunks are not read here: whatever looks like a read in what follows may be one. */
function readsAnywhere(text: string, session: string): number {
  const starts = [...text.matchAll(/GET /g)].map(({ index }) => firstRequest(text.slice(index)));
  return starts.filter((request) => request !== undefined && mayRead(request, session)).length;
}

function readFields(lines: string): Fields | undefined {
  const matches = lines
    .split("\r\n")
    .slice(0, -1)
    .map((line) => FIELD.exec(line));
  const fields = matches.map((field) => [(field?.[1] ?? "").toLowerCase(), field?.[2] ?? ""] as const);
  const size = fields.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return matches.includes(null) || size > MAX_HEADER_BYTES || fields.length > MAX_FIELDS ? undefined : fields;
}

function valuesOf(fields: Fields, name: string): readonly string[] {
  return fields.filter(([given]) => given === name).map(([, value]) => value);
}

/** Undefined when nobody knows where the body ends. */
function lengthOf(fields: Fields): number | undefined {
  const lengths = valuesOf(fields, "content-length");
  if (lengths.length === 0) return 0;
  return lengths.length === 1 && /^\d{1,15}$/.test(lengths[0] ?? "") ? Number(lengths[0]) : undefined;
}

const HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;
const MARK = /^(?:x-forwarded.*|forwarded|via|x-real-ip|origin|sec-.*|access-control-.*)$/;
const CONTAINER = /^\/v1\/(?:for\/[a-z][a-z\d.-]*\/)?credentials(?:\/default)?$/;
const IMDS = /^\/{1,2}latest\/meta-data\/iam\/security-credentials\/{1,2}default$/;

function mayRead({ method, target, fields }: Request, session: string): boolean {
  const hosts = valuesOf(fields, "host");
  if (method !== "GET" || hosts.length !== 1 || !HOST.test(hosts[0] ?? "")) return false;
  if (fields.some(([name]) => MARK.test(name)) || valuesOf(fields, "authorization").length > 1) return false;
  if (lengthOf(fields) !== 0 || valuesOf(fields, "transfer-encoding").length > 0) return false;
  if (CONTAINER.test(target)) return true;
  return IMDS.test(target) && valuesOf(fields, "x-aws-ec2-metadata-token").includes(session);
}
