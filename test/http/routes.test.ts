import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestPath, type Route, routeOf } from "../../src/http/routes.ts";
import { type ClientName, findClient } from "../../src/policy/clients.ts";

const ROLES = "/latest/meta-data/iam/security-credentials";

function credentials(identity: string, client?: ClientName): Route {
  return { kind: "credentials", identity, client: client && findClient(client) };
}

const container: readonly (readonly [target: string, route: Route])[] = [
  ["/v1/credentials", credentials("default")],
  ["/v1/credentials/app", credentials("app")],
  ["/v1/credentials/A_b.c@d+e-9", credentials("A_b.c@d+e-9")],
  ["/v1/for/botocore/credentials", credentials("default", "botocore")],
  ["/v1/for/java-v1.11/credentials/app", credentials("app", "java-v1.11")],
  ["/v1/for/boto3/credentials", credentials("default", "botocore")],
  ["/v1/for/nobody/credentials", { kind: "unknown-client", name: "nobody" }],
  ["/v1/for/nobody/credentials/app", { kind: "unknown-client", name: "nobody" }],
  ["/v1/for/constructor/credentials", { kind: "unknown-client", name: "constructor" }],
];

const imds: readonly (readonly [target: string, route: Route])[] = [
  ["/", { kind: "imds-root" }],
  ["/latest/api/token", { kind: "imds-session" }],
  [ROLES, { kind: "imds-roles" }],
  [`${ROLES}/`, { kind: "imds-roles" }],
  [`${ROLES}/app`, { kind: "imds-credentials", role: "app" }],
  [`${ROLES}//app`, { kind: "imds-credentials", role: "app" }],
  [`${ROLES}/A_b+=,.@-9`, { kind: "imds-credentials", role: "A_b+=,.@-9" }],
  ["/latest/meta-data/iam/info", { kind: "imds-fact", fact: "info" }],
  ["/latest/meta-data/iam/info/", { kind: "imds-fact", fact: "info" }],
  ["/latest/meta-data/placement/region", { kind: "imds-fact", fact: "region" }],
  ["/latest/meta-data/placement/region/", { kind: "imds-fact", fact: "region" }],
  ["/latest/meta-data/placement/availability-zone", { kind: "imds-fact", fact: "availability-zone" }],
  ["/latest/meta-data/placement/availability-zone/", { kind: "imds-fact", fact: "availability-zone" }],
  ["/latest/dynamic/instance-identity/document", { kind: "imds-fact", fact: "identity-document" }],
  // An endpoint that ends with a slash, and a client that adds one.
  [`/${ROLES}/`, { kind: "imds-roles" }],
  [`/${ROLES}/app`, { kind: "imds-credentials", role: "app" }],
  ["//latest/api/token", { kind: "imds-session" }],
];

for (const [target, route] of [...container, ...imds]) {
  test(`routes ${target}`, () => {
    assert.deepEqual(routeOf(target, true), route);
  });
}

for (const [target, route] of container) {
  test(`routes ${target} without IMDS too`, () => {
    assert.deepEqual(routeOf(target, false), route);
  });
}

for (const [target] of imds) {
  test(`knows no ${target} without IMDS`, () => {
    assert.deepEqual(routeOf(target, false), { kind: "unknown" });
  });
}

/** Near misses: what a proxy, a browser or a decoder would make equal is not. */
const unknown = [
  "/v1",
  "/v1/",
  "/v1/credentials/",
  "/v1/credentials//app",
  "/v1/credentials/app/",
  "/v1/credentials/app/x",
  "/v1/credentials?x=1",
  "/v1/credentials/app?x",
  "/v1/credentials#x",
  "/v1/credentials%2fapp",
  "/v1/credentials/%61pp",
  "/v1/%63redentials",
  "/V1/credentials",
  "/v1/Credentials",
  "/v1/credentialsx",
  "/v1//credentials",
  "//v1/credentials",
  "/v1/credentials/../credentials",
  "/./v1/credentials",
  "/v1/credentials/a b",
  "/v1/credentials/é",
  "/v1/credentials\n",
  "/v1/credentials/app\n",
  "/v1/credentials;x",
  "/v1/for/credentials",
  "/v1/for//credentials",
  "/v1/for/botocore",
  "/v1/for/botocore/",
  "/v1/for/botocore/credentials/",
  "/v1/for/bot%6fcore/credentials",
  "/v1/for/a/b/credentials",
  "/v2/credentials",
  "/credentials",
  "/latest",
  "/latest/",
  "/latest/meta-data",
  "/latest/meta-data/",
  "/latest/api/token/",
  "/latest/api/token?x",
  "/Latest/api/token",
  "/latest/meta-data/iam",
  "/latest/meta-data/iam/",
  `${ROLES}?x`,
  `${ROLES}//`,
  `${ROLES}///app`,
  `${ROLES}/app/`,
  `${ROLES}/app/x`,
  `${ROLES}/%61pp`,
  `${ROLES}/a b`,
  `${ROLES}/app?x`,
  `${ROLES}x`,
  `//${ROLES}/`,
  "/latest/meta-data/iam/info//",
  "/latest/meta-data/placement",
  "/latest/dynamic/instance-identity/document/",
  "/latest/user-data",
  "/2021-01-03/meta-data/iam/info",
  "/x",
  "/favicon.ico",
  "/?",
  "/#",
  "//",
  "/..",
  "/livez",
  "/metrics",
  "/status",
];

for (const target of unknown) {
  test(`knows no ${JSON.stringify(target)}`, () => {
    assert.deepEqual(routeOf(target, true), { kind: "unknown" });
  });
}

for (const [path, nearest] of [
  ["/v1/credential", "/v1/credentials"],
  ["/v1/credentials/", "/v1/credentials"],
  ["/v1/credentials?x=1", "/v1/credentials"],
  ["/v2/credentials", "/v1/credentials"],
  ["/credentials", "/v1/credentials"],
  ["//v1/credentials", "/v1/credentials"],
  ["/V1/Credentials", "/v1/credentials"],
  ["/v1/for/boto3", "/v1/for/CLIENT/credentials"],
  ["/latest/meta-data/iam/security-credential/", "/latest/meta-data/iam/security-credentials/"],
  ["/meta-data/iam/security-credentials/", "/latest/meta-data/iam/security-credentials/"],
  ["/2021-07-15/api/token", "/latest/api/token"],
  ["/", undefined],
  ["/status", undefined],
  ["/favicon.ico", undefined],
] as const) {
  test(`takes ${nearest ?? "no path"} for the nearest to ${path}`, () => assert.equal(nearestPath(path), nearest));
}
