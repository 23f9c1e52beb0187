/** Every route with every method: a right one is answered, a wrong one is told which are right. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { HOUR } from "../../src/time.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { answersIn, holdsSecret, openSession, sendBytes, serveCredentials } from "../support/served-credentials.ts";
import { fakeCredentials } from "../support/upstreams.ts";

const methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"];
const reading = ["GET", "HEAD"];

const cached = fakeCredentials(EPOCH + HOUR, {
  roleArn: "arn:aws:iam::123456789012:role/app",
  accountId: "123456789012",
});

interface Route {
  readonly path: string;
  /** What a right method is answered with. */
  readonly status: number;
  /** Undefined where no method is right or wrong: nothing is there. */
  readonly allowed: readonly string[] | undefined;
}

const IMDS = "/latest/meta-data";

const routes: readonly Route[] = [
  ...[
    "/v1/credentials",
    "/v1/credentials/default",
    "/v1/for/go-v2/credentials",
    "/v1/for/go-v2/credentials/default",
  ].map((path) => ({ path, status: 200, allowed: reading })),
  ...["/v1/credentials/nobody", "/v1/for/nobody/credentials", `${IMDS}/iam/security-credentials/nobody`].map(
    (path) => ({ path, status: 404, allowed: reading }),
  ),
  { path: "/latest/api/token", status: 200, allowed: ["PUT"] },
  ...["", "/", "/app", "//app"].map((end) => ({
    path: `${IMDS}/iam/security-credentials${end}`,
    status: 200,
    allowed: reading,
  })),
  ...["iam/info", "placement/region"].flatMap((fact) =>
    ["", "/"].map((slash) => ({ path: `${IMDS}/${fact}${slash}`, status: 200, allowed: reading })),
  ),
  ...["", "/"].map((slash) => ({ path: `${IMDS}/placement/availability-zone${slash}`, status: 404, allowed: reading })),
  { path: "/latest/dynamic/instance-identity/document", status: 200, allowed: reading },
  { path: "/", status: 404, allowed: reading },
  ...["/nowhere", "/v1", "/v1/credentials/", "//v1/credentials", "/latest/api/token/", "//app", IMDS].map((path) => ({
    path,
    status: 404,
    allowed: undefined,
  })),
];

function expectedOf({ status, allowed }: Route, method: string): readonly [status: number, allow: string | undefined] {
  if (allowed === undefined || allowed.includes(method)) return [status, undefined];
  return [405, allowed.join(", ")];
}

suite("Every method", { concurrency: true }, () => {
  for (const route of routes) {
    test(`on ${route.path} is answered, or refused with those that are right`, async (t) => {
      const served = await serveCredentials(t, { credentials: { default: cached }, env: { AWS_REGION: "eu-west-1" } });
      const session = await openSession(served);
      const marks = `X-aws-ec2-metadata-token: ${session}\r\nX-aws-ec2-metadata-token-ttl-seconds: 60`;
      const ask = async (method: string) => {
        const head = `${method} ${route.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${marks}\r\nConnection: close\r\n\r\n`;
        return await sendBytes(served.url, Buffer.from(head));
      };
      for (const method of methods) {
        const [answer, ...more] = answersIn(await ask(method));
        const [, allow] = /^allow: (.*)\r$/im.exec(answer?.head ?? "") ?? [];
        assert.deepEqual([answer?.status, allow], expectedOf(route, method), method);
        assert.deepEqual(more, [], "one answer to one request");
        if (method === "HEAD") assert.equal(answer?.body, "");
        else assert.ok(method === "GET" || !holdsSecret(answer?.body ?? "", served), method);
      }
      assert.equal(await ask("CONNECT"), "", "there is no tunnel, and nothing to say about it");
    });
  }
});
