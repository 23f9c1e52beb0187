/**
 * The local AWS: answers STS GetCallerIdentity, S3 GET and HEAD of any object, PUT and lists, and DynamoDB GetItem, to whoever signs with a credential
 * that was really issued and has not expired; refuses everyone else as AWS does, and counts both.
 */
import { createHash } from "node:crypto";
import { type Handler, type Incoming, json, type Reply } from "./http.ts";
import type { Ledger } from "./ledger.ts";
import { isSignedWith, readSignature, type Signature, signedAt } from "./signature.ts";

export const rejections = ["unsigned", "unknown-key", "wrong-token", "expired", "bad-signature"] as const;
export type Rejection = (typeof rejections)[number];

export type Judgement = { readonly kind: "accepted" } | { readonly kind: "rejected"; readonly reason: Rejection };

/** Whether AWS takes the request at this moment, in ms by its clock. Pure. */
export function judge(request: Incoming, signature: Signature | undefined, ledger: Ledger, now: number): Judgement {
  const rejected = (reason: Rejection): Judgement => ({ kind: "rejected", reason });
  if (signature === undefined) return rejected("unsigned");
  const issued = ledger.find(signature.accessKeyId);
  if (issued === undefined) return rejected("unknown-key");
  if ((request.headers["x-amz-security-token"] ?? "") !== issued.sessionToken) return rejected("wrong-token");
  if (now >= issued.expiration) return rejected("expired");
  return isSignedWith(issued.secretAccessKey, request, signature) ? { kind: "accepted" } : rejected("bad-signature");
}

export interface AwsReport {
  readonly accepted: number;
  readonly rejected: Readonly<Partial<Record<Rejection, number>>>;
  /** How many different access keys signed what was accepted. */
  readonly keys: number;
  /** In ms by the clock of the AWS; undefined before the first. */
  readonly firstAcceptedAt?: number;
  readonly lastAcceptedAt?: number;
  /** The first one accepted after the time that was asked about. */
  readonly acceptedAgainAt?: number;
  readonly longestGapMs: number;
  /** The client's clock less this one, in ms, at the first signed request: an SDK corrects its own by what AWS answers. */
  readonly clockOffsetMs?: number;
}

export class FakeAws {
  readonly #ledger: Ledger;
  readonly #now: () => number;
  readonly #accepted: number[] = [];
  readonly #keys = new Set<string>();
  readonly #rejected = new Map<Rejection, number>();
  #clockOffsetMs: number | undefined;

  constructor(ledger: Ledger, now: () => number) {
    this.#ledger = ledger;
    this.#now = now;
  }

  readonly handle: Handler = (request) => {
    const now = this.#now();
    const signature = readSignature(request.headers.authorization);
    const judgement = judge(request, signature, this.#ledger, now);
    const signed = signedAt(request);
    if (signed !== undefined) this.#clockOffsetMs ??= signed - now;
    const service = signature?.service ?? (request.target.startsWith("/?") || request.target === "/" ? "sts" : "s3");
    if (judgement.kind === "rejected") {
      this.#rejected.set(judgement.reason, (this.#rejected.get(judgement.reason) ?? 0) + 1);
      return service === "s3" ? s3Error(judgement.reason) : stsError(judgement.reason, request);
    }
    this.#accepted.push(now);
    this.#keys.add(signature?.accessKeyId ?? "");
    return service === "s3" ? s3Answer(request) : stsAnswer(request);
  };

  /** `after` in ms by this clock. */
  report(after = Number.POSITIVE_INFINITY): AwsReport {
    const accepted = this.#accepted;
    const defined = {
      firstAcceptedAt: accepted[0],
      lastAcceptedAt: accepted.at(-1),
      acceptedAgainAt: accepted.find((at) => at >= after),
      clockOffsetMs: this.#clockOffsetMs,
    };
    return {
      accepted: accepted.length,
      rejected: Object.fromEntries(this.#rejected),
      keys: this.#keys.size,
      longestGapMs: Math.max(0, ...accepted.slice(1).map((at, index) => at - (accepted[index] ?? at))),
      ...(Object.fromEntries(Object.entries(defined).filter(([, at]) => at !== undefined)) as typeof defined),
    } as AwsReport;
  }
}

const ARN = "arn:aws:sts::123456789012:assumed-role/orders/pod-1";
const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

function stsAnswer({ headers }: Incoming): Reply {
  const identity = { Arn: ARN, UserId: "AROAFAKE:pod-1", Account: "123456789012" };
  if (headers["x-amz-target"] === "DynamoDB_20120810.GetItem") return json(200, { Item: { key: { S: "key" } } });
  if (headers["x-amz-target"] !== undefined) return json(200, identity);
  const fields = Object.entries(identity).map(([name, value]) => `<${name}>${value}</${name}>`);
  const result = `<GetCallerIdentityResult>${fields.join("")}</GetCallerIdentityResult>`;
  const metadata = "<ResponseMetadata><RequestId>fake-request</RequestId></ResponseMetadata>";
  return xml(200, `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${result}${metadata}</GetCallerIdentityResponse>`);
}

/** Status and code by reason, as STS and S3 give them (STS "Common errors", S3 "Error responses"). */
const stsErrors: Readonly<Record<Rejection, string>> = {
  unsigned: "MissingAuthenticationToken",
  "unknown-key": "InvalidClientTokenId",
  "wrong-token": "InvalidClientTokenId",
  expired: "ExpiredToken",
  "bad-signature": "SignatureDoesNotMatch",
};
const s3Errors: Readonly<Record<Rejection, readonly [number, string]>> = {
  unsigned: [403, "AccessDenied"],
  "unknown-key": [403, "InvalidAccessKeyId"],
  "wrong-token": [400, "InvalidToken"],
  expired: [400, "ExpiredToken"],
  "bad-signature": [403, "SignatureDoesNotMatch"],
};

function stsError(reason: Rejection, { headers }: Incoming): Reply {
  const code = stsErrors[reason];
  if (headers["x-amz-target"] !== undefined) return json(403, { __type: code, message: reason });
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${reason}</Message></Error>`;
  return xml(403, `<ErrorResponse xmlns="${NAMESPACE}">${error}<RequestId>fake-request</RequestId></ErrorResponse>`);
}

function s3Error(reason: Rejection): Reply {
  const [status, code] = s3Errors[reason];
  return xml(
    status,
    `<Error><Code>${code}</Code><Message>${reason}</Message><RequestId>fake-request</RequestId></Error>`,
  );
}

/** A raster of one cell as GDAL reads it, which is a table of one column to everybody else. */
const OBJECT = Buffer.from("ncols 1\nnrows 1\nxllcorner 0\nyllcorner 0\ncellsize 1\n0\n");
const OBJECT_HEADERS = {
  "Accept-Ranges": "bytes",
  "Content-Type": "text/plain",
  ETag: `"${createHash("md5").update(OBJECT).digest("hex")}"`,
  "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
};

/** A prefix of objects that are not there, for who begins by writing. */
const NOTHING_YET = /^\/bucket\/nothing\//;

function s3Answer({ method, target, headers }: Incoming): Reply {
  if (method === "PUT") return { status: 200, headers: { ETag: OBJECT_HEADERS.ETag } };
  if (/[?&]list-type\b/.test(target)) {
    const none = "<Name>bucket</Name><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated>";
    return xml(200, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${none}</ListBucketResult>`);
  }
  if (NOTHING_YET.test(target)) return xml(404, "<Error><Code>NoSuchKey</Code><Message>not there</Message></Error>");
  if (/[?&]location\b/.test(target)) {
    const region = '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">eu-west-1</LocationConstraint>';
    return xml(200, region);
  }
  const [, from = "", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
  if (from === "") return { status: 200, headers: OBJECT_HEADERS, body: OBJECT };
  const body = OBJECT.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + body.length - 1}/${OBJECT.length}`;
  return { status: 206, headers: { ...OBJECT_HEADERS, "Content-Range": range }, body };
}

function xml(status: number, body: string): Reply {
  return { status, headers: { "Content-Type": "text/xml" }, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}
