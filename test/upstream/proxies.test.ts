/** Which proxy leads where, as curl, Go and botocore have it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyFor } from "../../src/upstream/proxies.ts";

const PROXY = "http://proxy.test:3128";
const STS = "https://sts.eu-west-1.amazonaws.com/";
const both = (noProxy: string) => ({ HTTPS_PROXY: PROXY, HTTP_PROXY: PROXY, NO_PROXY: noProxy });

for (const [name, url, env, expected] of [
  ["HTTPS_PROXY for https", STS, { HTTPS_PROXY: PROXY }, PROXY],
  ["https_proxy for https", STS, { https_proxy: PROXY }, PROXY],
  ["the lower-case name first", STS, { https_proxy: PROXY, HTTPS_PROXY: "http://other" }, PROXY],
  ["no proxy where the lower-case name is empty", STS, { https_proxy: "", HTTPS_PROXY: PROXY }, undefined],
  ["no proxy for https with HTTP_PROXY alone", STS, { HTTP_PROXY: PROXY }, undefined],
  ["HTTP_PROXY for http", "http://sts.test/", { HTTP_PROXY: PROXY }, PROXY],
  ["no proxy for http with HTTPS_PROXY alone", "http://sts.test/", { HTTPS_PROXY: PROXY }, undefined],
  ["ALL_PROXY for https", STS, { ALL_PROXY: PROXY }, PROXY],
  ["all_proxy for http", "http://sts.test/", { all_proxy: PROXY }, PROXY],
  ["HTTPS_PROXY before ALL_PROXY", STS, { HTTPS_PROXY: PROXY, ALL_PROXY: "http://other" }, PROXY],
  ["no proxy without a variable", STS, {}, undefined],
] as const) {
  test(`uses ${name}`, () => {
    assert.equal(proxyFor(new URL(url), env), expected);
  });
}

for (const [url, noProxy] of [
  [STS, "*"],
  [STS, "a.test, *"],
  [STS, "amazonaws.com"],
  [STS, ".amazonaws.com"],
  [STS, "*.amazonaws.com"],
  [STS, "AMAZONAWS.COM"],
  [STS, "amazonaws.com."],
  [STS, "a.test,sts.eu-west-1.amazonaws.com"],
  [STS, "a.test sts.eu-west-1.amazonaws.com"],
  [STS, "sts.eu-west-1.amazonaws.com:443"],
  ["https://sts.test:8443/", "sts.test:8443"],
  ["https://sts.test:8443/", "sts.test"],
  ["https://[::1]:9/", "::1"],
  ["https://[::1]:9/", "[::1]"],
  ["https://[::1]:9/", "[::1]:9"],
  ["https://[::1]:9/", "0:0:0:0:0:0:0:1"],
  ["http://127.0.0.1:9/", "127.0.0.1"],
  ["http://127.0.0.1:9/", "127.0.0.0/8"],
  ["https://[fd00::2]/", "fd00::/8"],
] as const) {
  test(`NO_PROXY=${noProxy} leads to ${url} without a proxy`, () => {
    assert.equal(proxyFor(new URL(url), both(noProxy)), undefined);
  });
}

for (const [url, noProxy] of [
  [STS, ""],
  [STS, "onaws.com"],
  [STS, "sts.eu-west-1.amazonaws.com:8443"],
  [STS, "127.0.0.0/8"],
  ["https://[::1]:9/", "[::1]:10"],
  ["http://10.0.0.1/", "127.0.0.0/8"],
  ["http://10.0.0.1/", "10.0.0.0/99"],
  ["http://10.0.0.1/", "10.0.0.11"],
] as const) {
  test(`NO_PROXY=${noProxy} leaves ${url} to the proxy`, () => {
    assert.equal(proxyFor(new URL(url), both(noProxy)), PROXY);
  });
}
