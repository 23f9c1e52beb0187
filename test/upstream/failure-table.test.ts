/** Real answers, by real sockets, files and programs through the real SDK: class, final or passing, and remedy of each. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../src/edge.ts";
import { type FailureKind, isFinal } from "../../src/upstream/failure.ts";
import { classOf } from "../../src/upstream/failure-classes.ts";
import { useEnvironment, type Variables, writeShared } from "../support/environment.ts";
import { closedPort, type FakeAnswer, fakeServer } from "../support/fake-http.ts";
import { fakeImds } from "../support/fake-imds.ts";
import { assertTellsNothing, defaultUpstream, failureOf, SAID } from "../support/identities.ts";
import { ROLE, STATIC_KEYS, stsError } from "../support/sts-answers.ts";

/** Prepares one answer, and gives the flags that lead to it. */
type Scene = (t: TestContext) => Promise<readonly string[]>;
type Row = readonly [name: string, scene: Scene, kind: FailureKind, code: string | undefined, remedy: RegExp];

const ASSUME = ["--upstream=environment", `--role-arn=${ROLE}`];

function sts(answer: FakeAnswer): Scene {
  return async (t) => {
    const { url } = await fakeServer(t, () => answer);
    useEnvironment(t, { AWS_REGION: "eu-west-1", AWS_ENDPOINT_URL_STS: url, ...STATIC_KEYS });
    return ASSUME;
  };
}

/** What a peer that does not speak HTTP well sends to a request. */
function bytes(given: string | Buffer): Scene {
  return async (t) => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {}).once("data", () => socket.end(given));
    });
    const listening = Promise.withResolvers<void>();
    server.listen(0, "127.0.0.1", listening.resolve);
    await listening.promise;
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    useEnvironment(t, {
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${address.port}`,
      ...STATIC_KEYS,
    });
    return ASSUME;
  };
}

function imds(Code: string): Scene {
  return async (t) => {
    const { url } = await fakeImds(t, { credentials: () => ({ body: JSON.stringify({ Code, Message: SAID }) }) });
    useEnvironment(t, { AWS_EC2_METADATA_SERVICE_ENDPOINT: url });
    return ["--upstream=imds"];
  };
}

function container(answer: FakeAnswer): Scene {
  return async (t) => {
    const { url } = await fakeServer(t, () => answer);
    useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url });
    return ["--upstream=container"];
  };
}

function variables(upstream: string, given: Variables): Scene {
  return async (t) => {
    useEnvironment(t, { AWS_REGION: "eu-west-1", ...given });
    return [`--upstream=${upstream}`];
  };
}

function profile(config: string): Scene {
  return async (t) => {
    const { home } = useEnvironment(t, { AWS_REGION: "eu-west-1" });
    writeShared(home, { config: `[default]\n${config}\n` });
    return ["--upstream=profile"];
  };
}

const date = (offsetMs: number) => ({ Date: new Date(systemClock.now() + offsetMs).toUTCString() });
const page = `<html><body>${SAID}</body></html>`;
const TOKEN = "/nonexistent/token";

const rows: readonly Row[] = [
  ["Throttling", sts(stsError(400, "Throttling", SAID)), "throttled", "Throttling", /SIDECAR_DURATION/],
  ["SlowDown", sts(stsError(503, "SlowDown", SAID)), "throttled", "SlowDown", /SIDECAR_DURATION/],
  [
    "EC2ThrottledException",
    sts(stsError(503, "EC2ThrottledException", SAID)),
    "throttled",
    "EC2ThrottledException",
    /STS/,
  ],
  [
    "a wrong secret key, once the clock is corrected",
    sts(stsError(403, "SignatureDoesNotMatch", SAID, date(3_600_000))),
    "denied",
    "SignatureDoesNotMatch",
    /AWS_SECRET_ACCESS_KEY/,
  ],
  [
    "a signature that has expired",
    sts(stsError(403, "SignatureDoesNotMatch", `Signature expired: ${SAID}`)),
    "clock",
    "SignatureDoesNotMatch",
    /clock/,
  ],
  ["RequestExpired", sts(stsError(400, "RequestExpired", SAID)), "clock", "RequestExpired", /clock/],
  ["RequestTimeTooSkewed", sts(stsError(403, "RequestTimeTooSkewed", SAID)), "clock", "RequestTimeTooSkewed", /clock/],
  [
    "a wrong secret key",
    sts(stsError(403, "SignatureDoesNotMatch", SAID, date(0))),
    "denied",
    "SignatureDoesNotMatch",
    /AWS_SECRET_ACCESS_KEY/,
  ],
  [
    "a key that was deleted",
    sts(stsError(403, "InvalidClientTokenId", SAID)),
    "denied",
    "InvalidClientTokenId",
    /access key/,
  ],
  [
    "a token of another issuer",
    sts(stsError(400, "InvalidIdentityToken", `No OpenIDConnect provider found ${SAID}`)),
    "denied",
    "InvalidIdentityToken",
    /client IDs/,
  ],
  [
    "an issuer whose keys cannot be fetched",
    sts(
      stsError(400, "InvalidIdentityToken", `Couldn't retrieve verification key from your identity provider, ${SAID}`),
    ),
    "unavailable",
    "InvalidIdentityToken",
    /OIDC issuer/,
  ],
  [
    "STS that is overloaded",
    sts(stsError(503, "ServiceUnavailable", SAID)),
    "unavailable",
    "ServiceUnavailable",
    /keeps trying/,
  ],
  [
    "a captive portal's page",
    sts({ headers: { "Content-Type": "text/html" }, body: page }),
    "malformed",
    undefined,
    /captive portal/,
  ],
  [
    "a captive portal's redirect",
    sts({ status: 302, headers: { Location: "http://portal.invalid/" }, body: page }),
    "malformed",
    undefined,
    /captive portal/,
  ],
  [
    "headers of 20 KB",
    sts({ headers: { "X-Long": "x".repeat(20_000) } }),
    "malformed",
    "HPE_HEADER_OVERFLOW",
    /headers are larger/,
  ],
  [
    "garbage",
    bytes(Buffer.from([0, 255, 1, 254, 13, 10, 13, 10])),
    "malformed",
    "HPE_INVALID_CONSTANT",
    /not an AWS endpoint/,
  ],
  ["an SSH server", bytes("SSH-2.0-OpenSSH_9.9\r\n"), "malformed", "HPE_INVALID_CONSTANT", /not an AWS endpoint/],
  ["a connection that ends at once", bytes(""), "unreachable", "ECONNRESET", /egress/],
  [
    "IMDS that may not assume the role",
    imds("AssumeRoleUnauthorizedAccess"),
    "denied",
    "AssumeRoleUnauthorizedAccess",
    /trust policy.*ec2\.amazonaws\.com/,
  ],
  [
    "IMDS without its instance profile",
    imds("InstanceProfileNotFound"),
    "denied",
    "InstanceProfileNotFound",
    /instance profile/,
  ],
  ["IMDS that failed", imds("Failed"), "denied", "Failed", /IMDS/],
  [
    "an agent that throttles",
    container({ status: 429, headers: { "Retry-After": "30" }, body: SAID }),
    "throttled",
    undefined,
    /./,
  ],
  ["an agent's page", container({ body: page }), "malformed", undefined, /container URI/],
  [
    "a token file that is missing",
    variables("web-identity", { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: TOKEN }),
    "not-configured",
    "ENOENT",
    /^\/nonexistent\/token \(AWS_WEB_IDENTITY_TOKEN_FILE\) is missing/,
  ],
  [
    "a token file that is a directory",
    variables("web-identity", { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: "/" }),
    "not-configured",
    undefined,
    /AWS_WEB_IDENTITY_TOKEN_FILE/,
  ],
  [
    "a role without a token file",
    variables("web-identity", { AWS_ROLE_ARN: ROLE }),
    "not-configured",
    undefined,
    /AWS_WEB_IDENTITY_TOKEN_FILE/,
  ],
  [
    "a URI in the clear to another host",
    variables("container", { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://10.0.0.1/c" }),
    "not-configured",
    undefined,
    /AWS_CONTAINER_CREDENTIALS_FULL_URI/,
  ],
  [
    "half of a key pair",
    variables("environment", { AWS_ACCESS_KEY_ID: STATIC_KEYS.AWS_ACCESS_KEY_ID }),
    "not-configured",
    undefined,
    /AWS_SECRET_ACCESS_KEY/,
  ],
  [
    "a role that asks for MFA",
    profile(`role_arn = ${ROLE}\nsource_profile = default\nmfa_serial = x`),
    "not-configured",
    undefined,
    /mfa_serial out of the profile "default"/,
  ],
  [
    "a source_profile that is not there",
    profile(`role_arn = ${ROLE}\nsource_profile = bse`),
    "not-configured",
    undefined,
    /source_profile of the profile "default"/,
  ],
  [
    "an sso_session without a section",
    profile("sso_session = my\nsso_account_id = 123456789012\nsso_role_name = r"),
    "not-configured",
    undefined,
    /\[sso-session\]/,
  ],
  [
    "no SSO login",
    profile(
      "sso_start_url = https://x.invalid/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r",
    ),
    "not-configured",
    undefined,
    /aws sso login --profile default/,
  ],
  [
    "a program that is not there",
    profile("credential_process = /nonexistent/tool"),
    "not-configured",
    undefined,
    /credential_process of the profile "default"/,
  ],
  [
    "a program that may not be run",
    profile("credential_process = /etc/hosts"),
    "not-configured",
    undefined,
    /credential_process of the profile "default"/,
  ],
  [
    "a program that fails",
    profile("credential_process = sh -c 'exit 3'"),
    "unavailable",
    undefined,
    /credential_process of the profile "default"/,
  ],
  [
    "a program that floods stderr",
    profile("credential_process = sh -c 'head -c 3000000 /dev/zero >&2; exit 1'"),
    "unavailable",
    undefined,
    /by hand/,
  ],
];

for (const [name, scene, kind, code, remedy] of rows) {
  test(`${name} is ${kind}`, async (t) => {
    const flags = await scene(t);
    const failure = await failureOf(defaultUpstream(flags));
    assert.deepEqual([failure.kind, failure.upstreamCode], [kind, code]);
    assert.equal(isFinal(failure), classOf(kind).isFinal);
    assert.match(failure.remedy, remedy);
    assertTellsNothing(failure);
  });
}

test("a port where nobody listens is named", async (t) => {
  const port = await closedPort();
  useEnvironment(t, { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${port}/c` });
  const { remedy } = await failureOf(defaultUpstream(["--upstream=container"]));
  assert.ok(remedy.startsWith(`nothing listens at 127.0.0.1:${port}`), remedy);
});

for (const [name, value, wantedMs] of [
  ["in seconds", "30", 30_000],
  ["as a word", "soon", undefined],
] as const) {
  const answer = { status: 503, headers: { "Retry-After": value }, body: SAID };
  for (const scene of [sts(answer), container(answer)]) {
    test(`Retry-After ${name} reaches the schedule`, async (t) => {
      assert.equal((await failureOf(defaultUpstream(await scene(t)))).retryAfterMs, wantedMs);
    });
  }
}
