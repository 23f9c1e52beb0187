/**
 * The one table of failure classes: a row per class with its error codes, its sentence, whether it passes by itself, and
 * its remedy. docs/operations.md prints it. Pure.
 */
import { clockRows, clockSkewRemedy } from "./clock-skew.ts";
import { type Circumstances, type CodeRow, oneOf, type RemedyText, type Step } from "./code-row.ts";
import type { Subject } from "./failure.ts";
import { networkRows, tryIt } from "./network-remedies.ts";
import { deniedRows, rejectedRows, settingsRemedy, settingsRows, settingsStep, unavailableRows } from "./remedies.ts";
import { THROTTLING_ERROR_CODES, TRANSIENT_ERROR_CODES } from "./sdk-codes.ts";

/** Stable names: they are metric labels and log fields. */
export const failureKinds = [
  "denied",
  "clock",
  "throttled",
  "unreachable",
  "timeout",
  "malformed",
  "expired",
  "rejected",
  "unavailable",
  "not-configured",
] as const;

export type FailureKind = (typeof failureKinds)[number];

export interface FailureClass {
  readonly sentence: string;
  /** Whether waiting a moment will not help. */
  readonly isFinal: boolean;
  readonly rows: readonly CodeRow[];
  readonly remedy: RemedyText;
  readonly step?: (subject: Subject) => Step;
  /** A real answer that is of this class, for docs/operations.md. */
  readonly example: string;
}

const at = ({ host }: Subject) => (host === undefined ? "" : ` to ${host}`);

const classes: Readonly<Record<FailureKind, FailureClass>> = {
  clock: {
    sentence: "upstream refused the time of the signature",
    isFinal: true,
    rows: clockRows,
    remedy: clockSkewRemedy,
    example: "STS: 403 `SignatureDoesNotMatch`, “Signature expired: 20260101T000000Z is now earlier than …”",
  },
  throttled: {
    sentence: "upstream throttled the request",
    isFinal: false,
    rows: [{ codes: oneOf(...THROTTLING_ERROR_CODES) }],
    remedy:
      "ask for longer sessions (SIDECAR_DURATION), which make fewer calls: too many callers ask STS in this account and region",
    example: "STS: 400 `Throttling`, “Rate exceeded”; any 429",
  },
  denied: {
    sentence: "upstream denied the request",
    isFinal: true,
    rows: deniedRows,
    remedy:
      "STS: check the role's trust policy, the audience of the web identity token, and sts:AssumeRole of the caller; an agent or IMDS: check its token (AWS_CONTAINER_AUTHORIZATION_TOKEN or its file) and whether this pod may ask it",
    example: "STS: 403 `AccessDenied`, “Not authorized to perform sts:AssumeRoleWithWebIdentity”",
  },
  unavailable: {
    sentence: "upstream is unavailable for now",
    isFinal: false,
    rows: unavailableRows,
    remedy:
      "wait, for upstream has trouble of its own and the sidecar keeps trying; if it lasts, look at its log or, for AWS, at the Health Dashboard",
    example: "STS: 503 `ServiceUnavailable`; 400 `InvalidIdentityToken`, “Couldn't retrieve verification key …”",
  },
  rejected: {
    sentence: "upstream rejected the request",
    isFinal: true,
    rows: rejectedRows,
    remedy:
      "STS: check the role's ARN, the session policy, and the region (STS may be off in it); an agent or IMDS (404): check whether this node, task or pod has a role, and the path of the URI",
    example: "STS: 400 `ValidationError`; IMDS: 404, no role is attached to the instance",
  },
  timeout: {
    sentence: "upstream did not answer in time",
    isFinal: false,
    rows: [
      {
        // The token of IMDS is an answer that a low hop limit ends on its way, after the connection was made.
        codes: oneOf("ERR_ANSWER_TIMEOUT"),
        remedy: ({ host = "upstream" }) =>
          `${host} took the connection and then gave no answer: it is overloaded, or a proxy or firewall holds the answer back (for IMDS: set its hop limit to 2); if it lasts, check AWS_ENDPOINT_URL_STS and HTTPS_PROXY`,
        step: tryIt,
      },
      {
        codes: oneOf(
          ...TRANSIENT_ERROR_CODES,
          "ETIMEDOUT",
          "ETIMEOUT",
          "ETIME",
          "AbortError",
          "ABORT_ERR",
          "UND_ERR_ABORT",
          "(?:UND_)?ERR_\\w*_TIMEOUT",
        ),
      },
    ],
    remedy: (subject) =>
      `something drops packets${at(subject)}: check egress network policies, the VPC endpoint's security group, and the hop limit of IMDS`,
    step: tryIt,
    example: "no connection: `ERR_CONNECT_TIMEOUT`; no answer: `ERR_ANSWER_TIMEOUT`",
  },
  malformed: {
    sentence: "upstream's answer cannot be read",
    isFinal: false,
    rows: [
      {
        codes: oneOf("UND_ERR_HEADERS_OVERFLOW", "HPE_HEADER_OVERFLOW"),
        remedy: ({ host }) =>
          `the answer's headers are larger than 16 KiB${host === undefined ? "" : ` (${host})`}: a proxy or another service answers instead of AWS; check the endpoint's address and HTTPS_PROXY`,
      },
      { codes: /^(?:HTTPParserError|HPE_\w+|UND_ERR_RES_\w+|Z_\w+_ERROR|ERR_HTTP_\w+|ERR_STREAM_PREMATURE_CLOSE)$/ },
    ],
    remedy:
      "what answered is not an AWS endpoint (a captive portal or a proxy's page, perhaps): check AWS_ENDPOINT_URL_STS, the container URI and HTTPS_PROXY",
    example: "an HTML page with status 200 or 302; Node: `HPE_INVALID_CONSTANT`",
  },
  expired: {
    sentence: "upstream gave credentials that have expired already",
    isFinal: false,
    rows: [],
    remedy: "compare this node's clock with upstream's, and look at how long upstream caches its sessions",
    example: "a document whose `Expiration` has passed",
  },
  unreachable: {
    sentence: "upstream cannot be reached",
    isFinal: false,
    rows: networkRows,
    remedy: (subject) =>
      `check the way${at(subject)}: DNS, HTTPS_PROXY and NO_PROXY, AWS_ENDPOINT_URL_STS, and egress network policies`,
    step: tryIt,
    example: "Node: `ECONNREFUSED`, `ENOTFOUND`; OpenSSL: `SELF_SIGNED_CERT_IN_CHAIN`",
  },
  "not-configured": {
    sentence: "no credentials could be found where the settings point",
    isFinal: true,
    rows: settingsRows,
    remedy: settingsRemedy,
    step: settingsStep,
    example: "Node: `ENOENT` on the token file; a profile that is not in the shared files",
  },
};

export function classOf(kind: FailureKind): FailureClass {
  return classes[kind];
}

/** The class of a code; undefined for one that no row knows. Classes are tried in the order of the table. */
export function kindOfCode(code: string, circumstances: Circumstances): FailureKind | undefined {
  const isOf = ({ codes, when }: CodeRow) => codes.test(code) && (when === undefined || when(circumstances));
  return (Object.keys(classes) as FailureKind[]).find((kind) => classes[kind].rows.some(isOf));
}
