import assert from "node:assert/strict";
import { test } from "node:test";
import { AllowedHosts, guard, readHeaders } from "../../src/http/guards.ts";
import { refusalReasons, refusals } from "../../src/refusals.ts";
import { resolved } from "../support/resolved.ts";

const HOST = ["Host", "127.0.0.1:9911"] as const;
const PATH = "/v1/credentials";

function hostsOf(listen: string): AllowedHosts {
  return new AllowedHosts(resolved([`--listen=${listen}`]).settings.listen);
}

const LOOPBACK = hostsOf("127.0.0.1:9911");

/** Why a request with these headers is refused: `status reason`, or undefined when it is not. */
function refusal(raw: readonly string[], target = PATH, hosts = LOOPBACK): string | undefined {
  const refused = guard(readHeaders(raw), target, hosts);
  return refused && `${refusals[refused.reason].status} ${refused.reason}`;
}

function spellings(name: string): readonly string[] {
  const odd = [...name]
    .map((letter, index) => (index % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase()))
    .join("");
  return [name, name.toLowerCase(), name.toUpperCase(), odd];
}

const proxies = [
  "Forwarded",
  "Via",
  "X-Real-IP",
  "X-Forwarded",
  "X-Forwarded-For",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
  "X-Forwarded-Port",
  "X-Forwarded-Server",
  "X-Forwarded-Client-Cert",
  "X-Forward",
  "Forwarded-For",
  "X-Original-Forwarded-For",
  "X_Forwarded_For",
  "X_REAL_IP",
  "Max-Forwards",
  "X-Envoy-External-Address",
  "X-Envoy-Expected-Rq-Timeout-Ms",
  "True-Client-IP",
  "CF-Connecting-IP",
  "CF-Ray",
  "X-Client-IP",
  "Client-IP",
  "X-Cluster-Client-IP",
  "Fastly-Client-IP",
  "X-ProxyUser-Ip",
  "Proxy-Connection",
  "X-Remote-Addr",
  "X-Original-URL",
  "X-Original-Host",
  "X-Rewrite-URL",
  "X-Amz-Cf-Id",
  "X-Azure-ClientIP",
  "Fly-Client-IP",
  "HTTP.X.Forwarded.For",
  "X-ForwardedFor",
  "X-RealIP",
  "CF-Connecting-IPv6",
  "CloudFront-Viewer-Address",
  "X-Azure-SocketIP",
  "X-AppEngine-User-IP",
  "X-Envoy-Peer-Metadata",
  "X-Amzn-Mtls-Clientcert",
  "X-Amzn-Oidc-Identity",
  "X-Varnish",
  "X-CDN",
  "CDN-Loop",
  "X-Host",
  "X-Backend-Host",
  "X-Host-Override",
  "X-HTTP-Host-Override",
  "X-Scheme",
  "X-SSL-Client-Cert",
  "X-Nf-Client-Connection-Ip",
  "X-Bluecoat-Via",
  "X-IMForwards",
  "X-Coming-From",
  "X-Request-Start",
  "Surrogate-Capability",
  "X-Ali-Cdn",
  "L5d-Dst-Override",
];
const browsers = [
  "Origin",
  "Sec-Fetch-Mode",
  "Sec-Fetch-Site",
  "Sec-Fetch-Dest",
  "Sec-Fetch-User",
  "Sec-Purpose",
  "Sec-CH-UA",
  "Sec-GPC",
  "Sec-WebSocket-Key",
  "Sec_Fetch_Mode",
  "Purpose",
  "Referer",
  "Cookie",
  "Access-Control-Request-Method",
  "Upgrade-Insecure-Requests",
  "X-Requested-With",
  "Ping-From",
  "Service-Worker",
  "Save-Data",
  "Viewport-Width",
  "Device-Memory",
  "RTT",
  "ECT",
  "Downlink",
];

for (const [names, expected] of [
  [proxies, "400 forwarded"],
  [browsers, "403 browser"],
] as const) {
  for (const name of names.flatMap(spellings)) {
    test(`refuses ${name}, wherever it stands and whatever it says`, () => {
      for (const value of ["127.0.0.1", "null", ""]) {
        assert.equal(refusal([...HOST, name, value]), expected);
        assert.equal(refusal([name, value, ...HOST]), expected);
        assert.equal(refusal([...HOST, name, value], "/"), expected);
        assert.equal(refusal([...HOST, name, value], "http://evil.example/"), expected);
      }
    });
  }
}

/** What the SDKs, the kubelet's probes and plain HTTP clients send. */
const harmless = [
  ["User-Agent", "aws-sdk-java/1.11.546"],
  ["Accept", "*/*"],
  ["Accept-Encoding", "identity"],
  ["Connection", "keep-alive"],
  ["Amz-Sdk-Request", "attempt=1; max=3"],
  ["Amz-Sdk-Invocation-Id", "x"],
  ["X-Amz-User-Agent", "aws-sdk-rust/1.3.3"],
  ["Cache-Control", "no-cache"],
  ["Content-Type", "application/json"],
  ["X-Amzn-Trace-Id", "Root=1-0-0"],
  ["traceparent", "00-0-0-01"],
  ["b3", "0"],
  ["X-Request-Id", "x"],
  ["Original", "x"],
  ["Straightforward", "x"],
  ["Security", "x"],
  ["Client", "x"],
  ["Cdnless", "x"],
  ["X-Client-Name", "x"],
  ["X-Amz-Security-Token", "x"],
  ["Viaduct", "x"],
  ["__proto__", "x"],
] as const;

for (const header of harmless) {
  test(`lets ${header[0]} pass`, () => {
    assert.equal(refusal([...HOST, ...header]), undefined);
  });
}

const hosts: readonly { listen: string; good: readonly string[]; bad: readonly string[] }[] = [
  {
    listen: "127.0.0.1:9911",
    good: [
      "127.0.0.1",
      "127.0.0.1:9911",
      "127.0.0.1:1",
      "localhost",
      "localhost:9911",
      "LOCALHOST",
      "LocalHost:80",
      "[::1]",
      "[::1]:9911",
    ],
    bad: [
      "",
      ":9911",
      "evil.example",
      "evil.example:9911",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "evil-localhost",
      "localhost.",
      "127.0.0.1.",
      "localhost.:9911",
      "127.0.0.1:",
      "127.0.0.1:999999",
      "127.0.0.1:x",
      "127.0.0.1:9911:9911",
      "127.0.0.2",
      "127.1",
      "0.0.0.0",
      "2130706433",
      "0x7f.0.0.1",
      "10.0.0.1",
      "::1",
      "::1:9911",
      "[::1",
      "[::1]x",
      "[::2]",
      "[127.0.0.1]",
      "[::ffff:127.0.0.1]",
      "[localhost]",
      "169.254.169.254",
      "169.254.170.2",
      "instance-data",
      "user@127.0.0.1",
      "http://127.0.0.1",
      "127.0.0.1/",
      "127.0.0.1, evil.example",
      "127.0.0.1 ",
      " 127.0.0.1",
      "127.0.0.1\t",
      "localhost\u0000",
      "locаlhost",
      "constructor",
      "__proto__",
    ],
  },
  {
    listen: "[::1]:9911",
    good: ["[::1]", "[::1]:9911", "localhost", "127.0.0.1"],
    bad: ["::1", "[::]", "evil.example", "169.254.170.2"],
  },
  {
    listen: "127.0.0.2:9911",
    good: ["127.0.0.2", "127.0.0.2:9911", "127.0.0.1", "localhost"],
    bad: ["127.0.0.3", "169.254.170.2"],
  },
  {
    listen: "169.254.170.2:80",
    good: ["169.254.170.2", "169.254.170.2:80"],
    bad: ["169.254.170.23", "169.254.169.254", "127.0.0.1", "localhost", "[::1]", "169.254.170.2.", "evil.example"],
  },
  {
    listen: "[fd00:ec2::23]:80",
    good: ["[fd00:ec2::23]", "[FD00:EC2::23]:80"],
    bad: ["fd00:ec2::23", "[fd00:ec2::254]", "localhost"],
  },
  {
    listen: "127.0.0.1:9911,169.254.169.254:80",
    good: ["127.0.0.1:9911", "localhost", "169.254.169.254"],
    bad: ["169.254.170.2", "evil.example"],
  },
  {
    listen: ":9911",
    good: ["localhost:9911", "127.0.0.1", "[::1]", "169.254.170.2", "169.254.169.254:9911", "[fd00:ec2::23]"],
    bad: ["10.0.0.1", "evil.example", "sidecar.default.svc", "0.0.0.0", "[::]", "127.0.0.2"],
  },
  {
    listen: "10.0.0.1:9911",
    good: ["localhost", "127.0.0.1:9911", "169.254.170.23"],
    bad: ["10.0.0.2", "evil.example"],
  },
];

for (const { listen, good, bad } of hosts) {
  for (const host of good) {
    test(`takes Host ${JSON.stringify(host)} on ${listen}, the second time too`, () => {
      const allowed = hostsOf(listen);
      assert.equal(refusal(["Host", host], PATH, allowed), undefined);
      assert.equal(refusal(["Host", host], PATH, allowed), undefined);
    });
  }
  for (const host of bad) {
    test(`refuses Host ${JSON.stringify(host)} on ${listen}, the second time too`, () => {
      const allowed = hostsOf(listen);
      assert.equal(refusal(["Host", host], PATH, allowed), "403 host");
      assert.equal(refusal(["Host", host], PATH, allowed), "403 host");
    });
  }
}

test("takes hosts beyond those that it remembers", () => {
  const allowed = hostsOf("127.0.0.1:9911");
  for (let port = 1; port <= 200; port += 1) assert.equal(allowed.allows(`127.0.0.1:${port}`), true);
  assert.equal(allowed.allows("evil.example"), false);
});

test("refuses a request without Host", () => {
  assert.equal(refusal([]), "403 host");
  assert.equal(refusal(["Accept", "*/*"]), "403 host");
});

const twice = [
  { name: "Host", raw: ["Host", "127.0.0.1", "Host", "127.0.0.1"] },
  { name: "Host in another case", raw: ["Host", "127.0.0.1", "HOST", "evil.example"] },
  { name: "an empty Host", raw: ["Host", "", "host", "127.0.0.1"] },
  { name: "Authorization", raw: [...HOST, "Authorization", "a", "Authorization", "a"] },
  { name: "Authorization in another case", raw: [...HOST, "authorization", "", "AUTHORIZATION", "b"] },
];

for (const { name, raw } of twice) {
  test(`refuses ${name} twice`, () => {
    assert.equal(refusal(raw), "400 malformed");
  });
}

for (const target of ["", "*", "http://127.0.0.1/v1/credentials", "127.0.0.1:9911", "v1/credentials", "?x", "\\v1"]) {
  test(`refuses the target ${JSON.stringify(target)}, which is no path`, () => {
    assert.equal(refusal(HOST, target), "400 target");
  });
}

const bodies: readonly (readonly [raw: readonly string[], expected: string | undefined])[] = [
  [["Content-Length", "0"], undefined],
  [["Content-Length", "1"], "400 body"],
  [["Content-Length", ""], "400 body"],
  [["content-length", "0", "Content-Length", "5"], "400 body"],
  [["Content-Length", "5", "content-length", "0"], "400 body"],
  [["Transfer-Encoding", "chunked"], "400 body"],
  [["transfer-encoding", "identity"], "400 body"],
];

for (const [raw, expected] of bodies) {
  test(`${expected === undefined ? "lets pass" : "refuses"} ${raw.join(": ")}`, () => {
    assert.equal(refusal([...HOST, ...raw]), expected);
  });
}

test("reads what anybody asks for, in any case of letters", () => {
  const raw = [
    ["HOST", "h"],
    ["AUTHORIZATION", "a"],
    ["USER-AGENT", "u"],
    ["ACCEPT", "*/*"],
    ["AMZ-SDK-REQUEST", "attempt=1"],
    ["X-AWS-EC2-METADATA-TOKEN", "s"],
    ["X-AWS-EC2-METADATA-TOKEN-TTL-SECONDS", "60"],
  ].flat();
  assert.deepEqual(readHeaders(raw), {
    host: "h",
    authorization: "a",
    userAgent: "u",
    accept: "*/*",
    sdkRequest: true,
    sessionToken: "s",
    sessionTokenTtl: "60",
    body: "none",
    foreign: undefined,
    ambiguous: false,
  });
});

test("names each reason once, as a label that a metric may carry", () => {
  assert.equal(new Set(refusalReasons).size, refusalReasons.length);
  for (const reason of refusalReasons) assert.match(reason, /^[a-z-]+$/);
});
