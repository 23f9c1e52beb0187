import assert from "node:assert/strict";
import { test } from "node:test";
import { crossCheck } from "../../src/settings/crosscheck.ts";
import { classify } from "../../src/upstream/classify.ts";
import { proxied } from "../../src/upstream/proxied.ts";
import { createTransports, type SdkRequest } from "../../src/upstream/transport.ts";
import { useEnvironment } from "../support/environment.ts";
import { closedPort, fakeServer } from "../support/fake-http.ts";
import { fakeProxy } from "../support/fake-proxy.ts";
import { defaultUpstream, failureOf, fetchOnce } from "../support/identities.ts";
import { resolved } from "../support/resolved.ts";
import { ROLE, STATIC_KEYS, stsAnswer, stsSession } from "../support/sts-answers.ts";

const FLAGS = ["--upstream=environment", `--role-arn=${ROLE}`];
const ENV = { ...STATIC_KEYS, AWS_REGION: "eu-west-1" };

/** A name that only the proxy can lead anywhere. */
const ELSEWHERE = "http://sts.example.test:8080";

for (const name of ["HTTP_PROXY", "http_proxy"]) {
  test(`STS behind ${name} is reached through a tunnel`, async (t) => {
    const session = stsSession();
    const sts = await fakeServer(t, () => stsAnswer("AssumeRole", session));
    const proxy = await fakeProxy(t, sts);
    useEnvironment(t, { ...ENV, AWS_ENDPOINT_URL_STS: ELSEWHERE, [name]: proxy.url });
    const { accessKeyId } = await fetchOnce(defaultUpstream(FLAGS));
    assert.equal(accessKeyId, session.accessKeyId);
    assert.deepEqual(proxy.requests, ["CONNECT sts.example.test:8080 HTTP/1.1"]);
  });
}

test("a tunnel that the proxy never answers fails in our time, and the next attempt has one of its own", async (t) => {
  const sts = await fakeServer(t, () => stsAnswer("AssumeRole", stsSession()));
  const proxy = await fakeProxy(t, { port: sts.port, loses: 1 });
  useEnvironment(t, { HTTP_PROXY: proxy.url });
  // The time for an answer is not short: undici gives it to the answer behind the tunnel too.
  const bounds = { connectMs: 1_000, idleMs: 1, maxBytes: 131_072 };
  const { hostname, port, protocol } = new URL(ELSEWHERE);
  const to = {
    protocol,
    hostname,
    port: Number(port),
    method: "POST",
    path: "/",
    query: {},
    headers: {},
    body: "fake",
  };
  const transport = createTransports(() => {}, bounds).during(new AbortController().signal, {
    env: process.env,
    ca: undefined,
  });
  const request = to as unknown as SdkRequest;
  await assert.rejects(transport.handle(request), (thrown) => classify(thrown, 0).kind === "timeout");
  assert.equal(proxy.requests.length, 1);
  assert.equal((await transport.handle(request)).response.statusCode, 200);
  assert.equal(proxy.requests.length, 2);
});

for (const name of ["HTTPS_PROXY", "https_proxy"]) {
  test(`AWS's own endpoint is asked for through ${name}`, async (t) => {
    const proxy = await fakeProxy(t, { refusal: "403 Forbidden" });
    useEnvironment(t, { ...ENV, [name]: proxy.url });
    await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual(proxy.requests, ["CONNECT sts.eu-west-1.amazonaws.com:443 HTTP/1.1"]);
  });
}

for (const excluded of ["127.0.0.1", "example.test,127.0.0.1", "*"]) {
  test(`NO_PROXY=${excluded} leads past the proxy`, async (t) => {
    const sts = await fakeServer(t, () => stsAnswer("AssumeRole", stsSession()));
    const proxy = await fakeProxy(t, { refusal: "403 Forbidden" });
    const proxies = { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url, NO_PROXY: excluded };
    useEnvironment(t, { ...ENV, AWS_ENDPOINT_URL_STS: sts.url, ...proxies });
    await fetchOnce(defaultUpstream(FLAGS));
    assert.deepEqual([sts.requests.length, proxy.requests.length], [1, 0]);
  });
}

for (const refusal of ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway"]) {
  test(`a proxy that refuses the tunnel with ${refusal} makes STS unreachable`, async (t) => {
    const proxy = await fakeProxy(t, { refusal });
    useEnvironment(t, { ...ENV, HTTPS_PROXY: proxy.url });
    const { kind } = await failureOf(defaultUpstream(FLAGS));
    assert.deepEqual([kind, proxy.requests.length], ["unreachable", 1]);
  });
}

for (const value of [
  "garbage",
  "proxy:3128",
  "fake-user:fake-password@proxy:3128",
  "ftp://proxy",
  "http://fake-user:fake%password@proxy:3128",
]) {
  test(`HTTPS_PROXY=${value} is a problem told before anything starts, without its value`, () => {
    const message =
      "HTTPS_PROXY: its value is not allowed; allowed: a URL such as http://proxy:3128, with %25 for % in a password";
    assert.deepEqual(crossCheck(resolved([], { HTTPS_PROXY: value })).problems, [{ code: "BadValue", message }]);
  });
}

for (const value of ["", "http://proxy:3128", "http://fake-user:fake-password%25@proxy:3128", "socks5://proxy:1080"]) {
  test(`HTTPS_PROXY=${value} is taken, and a transport is made of it`, async (t) => {
    useEnvironment(t, { ...ENV, HTTPS_PROXY: value });
    assert.deepEqual(crossCheck(resolved(FLAGS, { HTTPS_PROXY: value })).problems, []);
    if (value !== "") assert.doesNotThrow(() => proxied(value, undefined, { connectMs: 1, idleMs: 1, maxBytes: 1 }));
  });
}

test("a proxy that is not there makes STS unreachable", async (t) => {
  useEnvironment(t, { ...ENV, HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` });
  const { kind, upstreamCode } = await failureOf(defaultUpstream(FLAGS));
  assert.deepEqual([kind, upstreamCode], ["unreachable", "ECONNREFUSED"]);
});

test("the container endpoint and IMDS are asked past every proxy", async (t) => {
  const proxy = await fakeProxy(t, { refusal: "403 Forbidden" });
  const nobody = `http://127.0.0.1:${await closedPort()}/`;
  const nearby = { AWS_CONTAINER_CREDENTIALS_FULL_URI: nobody, AWS_EC2_METADATA_SERVICE_ENDPOINT: nobody };
  useEnvironment(t, { ...nearby, HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url });
  for (const kind of ["container", "imds"]) {
    const { upstreamCode } = await failureOf(defaultUpstream([`--upstream=${kind}`]));
    assert.equal(upstreamCode, "ECONNREFUSED");
  }
  assert.deepEqual(proxy.requests, []);
});
