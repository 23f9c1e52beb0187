import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_SECURITY, statusPage } from "../../src/listeners/page.ts";
import { statusOf } from "../../src/listeners/status.ts";
import { failing, heldState, loadingState, statusInput } from "../support/states.ts";

const HOUR = 3_600_000;
const EVIL = `<script>alert("x")</script><img src=x onerror='y'>&amp;`;
const ESCAPED = "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#60;img src=x onerror=&#39;y&#39;&#62;&#38;amp;";

const page = (...input: Parameters<typeof statusInput>) => statusPage(statusOf(statusInput(...input)));

const strangers = [
  { name: "a failure's message", html: page({ default: failing(heldState(HOUR), EVIL) }) },
  { name: "an identity's name", html: page({ [EVIL]: heldState(HOUR) }) },
  { name: "the name of an identity that is not ready", html: page({ [EVIL]: loadingState }) },
  { name: "the name of an identity that fails", html: page({ [EVIL]: failing(heldState(HOUR), "no") }) },
  { name: "a role's ARN", html: page({ default: heldState(HOUR, { roleArn: EVIL }) }) },
  { name: "an account", html: page({ default: heldState(HOUR, { accountId: EVIL }) }) },
  { name: "a storming client's label", html: page({ default: heldState(HOUR) }, { storming: [EVIL] }) },
  {
    name: "an upstream's description",
    html: page({}, { identities: new Map([["default", { upstream: EVIL, state: heldState(HOUR) }]]) }),
  },
];

for (const { name, html } of strangers) {
  test(`escapes ${name}`, () => {
    assert.ok(html.includes(ESCAPED), html);
    assert.doesNotMatch(html, /<script|<img|onerror='/);
  });
}

test("escapes the end of an access key ID", () => {
  assert.ok(page({ default: heldState(HOUR, { accessKeyId: '<"&>' }) }).includes("&#60;&#34;&#38;&#62;"));
});

test("never shows a secret, a token or a whole access key ID", () => {
  const given = { accessKeyId: "ASIACANARY00000000AB", secretAccessKey: "canary-secret", sessionToken: "canary-token" };
  const html = page({ default: failing(heldState(HOUR, given), "no") });
  assert.doesNotMatch(html, /canary|ASIACANARY/i);
  assert.match(html, /<td>00AB<\/td>/);
});

const headlines = [
  { name: "all well", html: page({ default: heldState(HOUR) }), text: "All well." },
  {
    name: "who is not ready",
    html: page({ default: heldState(HOUR), a: loadingState, b: heldState(0) }),
    text: "Not ready: a, b.",
  },
  {
    name: "whose upstream fails",
    html: page({ default: heldState(HOUR), a: failing(heldState(HOUR), "no") }),
    text: "Serving what is held, but upstream fails for a.",
  },
  {
    name: "who storms",
    html: page({ default: heldState(HOUR) }, { storming: ["botocore", "java-v1"] }),
    text: "Serving, but these clients read again and again: botocore, java-v1.",
  },
];

for (const { name, html, text } of headlines) {
  test(`says ${name} first`, () => {
    assert.ok(html.includes(`<p>${text}</p>`), html);
  });
}

test("leaves out what is not known", () => {
  const html = page({ default: loadingState });
  assert.doesNotMatch(html, /undefined|Account|Real expiration|Last failure/);
});

test("needs nothing from elsewhere, and allows nothing else", () => {
  const html = page({ default: failing(heldState(HOUR), "no") }, { storming: ["botocore"] });
  assert.doesNotMatch(html, /<script|<link|<iframe|<form|<a |src=|href=|https?:|url\(|@import/);
  const [name, policy] = PAGE_SECURITY;
  assert.equal(name, "Content-Security-Policy");
  assert.match(policy ?? "", /^default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'$/);
});
