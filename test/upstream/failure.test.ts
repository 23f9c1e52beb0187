import assert from "node:assert/strict";
import { test } from "node:test";
import { classify } from "../../src/upstream/classify.ts";
import type { FailureKind } from "../../src/upstream/failure.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { CANARY, errorOf, networkError, providerError, stsError } from "../support/thrown.ts";

interface Case {
  readonly name: string;
  readonly thrown: unknown;
  readonly kind: FailureKind;
  /** What the message says in brackets. */
  readonly facts?: string;
}

const reported: readonly Case[] = [
  { name: "AccessDenied", thrown: stsError("AccessDenied", 403), kind: "denied", facts: "AccessDenied, HTTP 403" },
  {
    name: "an expired web identity",
    thrown: stsError("ExpiredTokenException", 400),
    kind: "denied",
    facts: "ExpiredTokenException, HTTP 400",
  },
  {
    name: "a web identity of the wrong audience",
    thrown: stsError("InvalidIdentityToken", 400, "InvalidIdentityTokenException"),
    kind: "denied",
    facts: "InvalidIdentityToken, HTTP 400",
  },
  {
    name: "an issuer that does not know the token",
    thrown: stsError("IDPRejectedClaim", 403, "IDPRejectedClaimException"),
    kind: "denied",
    facts: "IDPRejectedClaim, HTTP 403",
  },
  {
    name: "a region where STS is off",
    thrown: stsError("RegionDisabledException", 403),
    kind: "denied",
    facts: "RegionDisabledException, HTTP 403",
  },
  {
    name: "a wrong signature",
    thrown: stsError("SignatureDoesNotMatch", 403),
    kind: "denied",
    facts: "SignatureDoesNotMatch, HTTP 403",
  },
  {
    name: "a key that nobody knows",
    thrown: stsError("InvalidClientTokenId", 403),
    kind: "denied",
    facts: "InvalidClientTokenId, HTTP 403",
  },
  {
    name: "a denial that is not in the book",
    thrown: stsError("NewDenial", 403),
    kind: "denied",
    facts: "NewDenial, HTTP 403",
  },
  { name: "Throttling", thrown: stsError("Throttling", 400), kind: "throttled", facts: "Throttling, HTTP 400" },
  {
    name: "ThrottlingException",
    thrown: stsError("ThrottlingException", 400),
    kind: "throttled",
    facts: "ThrottlingException, HTTP 400",
  },
  {
    name: "a 429 without a known code",
    thrown: stsError("SlowDown", 429),
    kind: "throttled",
    facts: "SlowDown, HTTP 429",
  },
  {
    name: "ValidationError",
    thrown: stsError("ValidationError", 400),
    kind: "rejected",
    facts: "ValidationError, HTTP 400",
  },
  {
    name: "a session policy that is too large",
    thrown: stsError("PackedPolicyTooLarge", 400, "PackedPolicyTooLargeException"),
    kind: "rejected",
    facts: "PackedPolicyTooLarge, HTTP 400",
  },
  {
    name: "a 400 that is not in the book",
    thrown: stsError("NewFault", 400),
    kind: "rejected",
    facts: "NewFault, HTTP 400",
  },
  {
    name: "an issuer that STS cannot reach",
    thrown: stsError("IDPCommunicationError", 400, "IDPCommunicationErrorException"),
    kind: "unavailable",
    facts: "IDPCommunicationError, HTTP 400",
  },
  {
    name: "an internal failure",
    thrown: stsError("InternalFailure", 500),
    kind: "unavailable",
    facts: "InternalFailure, HTTP 500",
  },
  {
    name: "an unavailable service",
    thrown: stsError("ServiceUnavailable", 503),
    kind: "unavailable",
    facts: "ServiceUnavailable, HTTP 503",
  },
  { name: "a refused connection", thrown: networkError("ECONNREFUSED"), kind: "unreachable", facts: "ECONNREFUSED" },
  {
    name: "a name that does not exist",
    thrown: networkError("ENOTFOUND", `getaddrinfo ENOTFOUND ${CANARY}`),
    kind: "unreachable",
    facts: "ENOTFOUND",
  },
  {
    name: "a resolver that is not up",
    thrown: networkError("EAI_AGAIN", `getaddrinfo EAI_AGAIN ${CANARY}`),
    kind: "unreachable",
    facts: "EAI_AGAIN",
  },
  {
    name: "a reset connection",
    thrown: networkError("ECONNRESET", "read ECONNRESET"),
    kind: "unreachable",
    facts: "ECONNRESET",
  },
  {
    name: "a closed socket, which the transport calls a time-out",
    thrown: networkError("UND_ERR_SOCKET", "other side closed", "RequestTimeout"),
    kind: "unreachable",
    facts: "UND_ERR_SOCKET",
  },
  {
    name: "a certificate of nobody known",
    thrown: networkError("SELF_SIGNED_CERT_IN_CHAIN", CANARY),
    kind: "unreachable",
    facts: "SELF_SIGNED_CERT_IN_CHAIN",
  },
  {
    name: "no answer within undici's time",
    thrown: networkError("UND_ERR_HEADERS_TIMEOUT", "Headers Timeout Error", "TimeoutError"),
    kind: "timeout",
    facts: "UND_ERR_HEADERS_TIMEOUT",
  },
  {
    name: "half an answer within undici's time",
    thrown: networkError("UND_ERR_BODY_TIMEOUT", "Body Timeout Error", "TimeoutError"),
    kind: "timeout",
    facts: "UND_ERR_BODY_TIMEOUT",
  },
  {
    name: "no connection within undici's time",
    thrown: networkError("UND_ERR_CONNECT_TIMEOUT", "Connect Timeout Error", "TimeoutError"),
    kind: "timeout",
    facts: "UND_ERR_CONNECT_TIMEOUT",
  },
  {
    name: "no connection within the kernel's time",
    thrown: networkError("ETIMEDOUT"),
    kind: "timeout",
    facts: "ETIMEDOUT",
  },
  {
    name: "IMDS silent",
    thrown: errorOf("TimeoutError from instance metadata service", { name: "ProviderError" }),
    kind: "timeout",
  },
  {
    name: "IMDS away",
    thrown: errorOf("Unable to connect to instance metadata service", { name: "ProviderError", code: "ECONNREFUSED" }),
    kind: "unreachable",
    facts: "ECONNREFUSED",
  },
  {
    name: "IMDS without a role",
    thrown: errorOf("Error response received from instance metadata service", {
      name: "ProviderError",
      statusCode: 404,
    }),
    kind: "rejected",
    facts: "HTTP 404",
  },
  {
    name: "a container endpoint without credentials",
    thrown: providerError("Server responded with status: 404"),
    kind: "rejected",
    facts: "HTTP 404",
  },
  {
    name: "a container endpoint that denies",
    thrown: providerError("Error: Server responded with status: 403"),
    kind: "denied",
    facts: "HTTP 403",
  },
  {
    name: "a container endpoint in trouble",
    thrown: providerError("CredentialsProviderError: Server responded with status: 500"),
    kind: "unavailable",
    facts: "HTTP 500",
  },
  {
    name: "a container endpoint that throttles",
    thrown: providerError("Server responded with status: 429"),
    kind: "throttled",
    facts: "HTTP 429",
  },
  {
    name: "a container endpoint that is away",
    thrown: providerError(`Error: connect ECONNREFUSED ${CANARY}`),
    kind: "unreachable",
    facts: "ECONNREFUSED",
  },
  {
    name: "a container endpoint that no resolver finds for now",
    thrown: providerError(`Error: getaddrinfo EAI_AGAIN ${CANARY}`),
    kind: "unreachable",
    facts: "EAI_AGAIN",
  },
  {
    name: "a status that is only quoted",
    thrown: providerError(`${CANARY}: Server responded with status: 500`),
    kind: "not-configured",
  },
  {
    name: "a container answer that is no JSON",
    thrown: new SyntaxError(`Unexpected token 'c', "${CANARY}" is not valid JSON`),
    kind: "malformed",
  },
  {
    name: "an STS answer that is no XML",
    thrown: errorOf(`@aws-sdk XML parse error: ${CANARY}`, { $metadata: { httpStatusCode: 200 } }),
    kind: "malformed",
    facts: "HTTP 200",
  },
  {
    name: "a redirect to somewhere else",
    thrown: errorOf(CANARY, { $metadata: { httpStatusCode: 302 } }),
    kind: "malformed",
    facts: "HTTP 302",
  },
  {
    name: "a profile that is not there",
    thrown: providerError(`Could not resolve credentials using profile: [${CANARY}]`),
    kind: "not-configured",
  },
  {
    name: "no variables",
    thrown: providerError("Unable to find environment variable credentials."),
    kind: "not-configured",
  },
  {
    name: "a token file that is not there",
    thrown: errorOf(`ENOENT: no such file or directory, open '/${CANARY}'`, {
      code: "ENOENT",
      errno: -2,
      syscall: "open",
    }),
    kind: "not-configured",
    facts: "ENOENT",
  },
  {
    name: "a token file that may not be read",
    thrown: errorOf(`EACCES: permission denied, open '/${CANARY}'`, { code: "EACCES" }),
    kind: "not-configured",
    facts: "EACCES",
  },
  {
    name: "a network error as a cause",
    thrown: new TypeError("fetch failed", { cause: networkError("ECONNREFUSED") }),
    kind: "unreachable",
    facts: "ECONNREFUSED",
  },
  {
    name: "a denial as a cause",
    thrown: new Error("chain failed", { cause: stsError("AccessDenied", 403) }),
    kind: "denied",
    facts: "AccessDenied, HTTP 403",
  },
  {
    name: "two refused addresses",
    thrown: Object.assign(new AggregateError([networkError("ECONNREFUSED")]), { code: "ECONNREFUSED" }),
    kind: "unreachable",
    facts: "ECONNREFUSED",
  },
];

const sentences: Readonly<Record<FailureKind, string>> = {
  clock: "upstream refused the time of the signature",
  denied: "upstream denied the request",
  throttled: "upstream throttled the request",
  unreachable: "upstream cannot be reached",
  timeout: "upstream did not answer in time",
  malformed: "upstream's answer cannot be read",
  expired: "upstream gave credentials that have expired already",
  rejected: "upstream rejected the request",
  unavailable: "upstream is unavailable for now",
  "not-configured": "no credentials could be found where the settings point",
};

for (const { name, thrown, kind, facts } of reported) {
  test(`takes ${name} for ${kind}, and repeats none of its text`, () => {
    const failure = classify(thrown, EPOCH);
    assert.equal(failure.kind, kind);
    assert.equal(failure.message, sentences[kind] + (facts === undefined ? "" : ` (${facts})`));
    assert.equal(`${failure.stack}${JSON.stringify(failure)}`.includes(CANARY), false);
    assert.equal(failure.cause, undefined);
  });
}
