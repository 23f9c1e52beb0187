import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { PAGE_SECURITY, statusPage } from "../../src/status/page.ts";
import type { StatusInput } from "../../src/status/status.ts";
import { statusOf } from "../../src/status/status.ts";
import type { ClientSeen } from "../../src/telemetry/clients-seen.ts";
import type { UpstreamFacts } from "../../src/telemetry/upstream-facts.ts";
import { HOUR, MINUTE } from "../../src/time.ts";
import type { SessionDuration } from "../../src/upstream/requested-duration.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, failing, identityInput, loadingState, statusInput } from "../support/states.ts";

const EVIL = `<script>alert("x")</script><img src=x onerror='y'>&amp;`;
const ESCAPED = "&#60;script&#62;alert(&#34;x&#34;)&#60;/script&#62;&#60;img src=x onerror=&#39;y&#39;&#62;&#38;amp;";

const page = (...input: Parameters<typeof statusInput>) => statusPage(statusOf(statusInput(...input)));
const withClient = (given: Partial<ClientSeen>, more: Partial<StatusInput> = {}) =>
  page({ default: cachedState(HOUR) }, { clients: [clientSeen(given)], ...more });

const evilClient = { name: EVIL, windows: undefined, advisorySeconds: undefined };
const evilCall = { times: 1, firstAt: EPOCH, at: EPOCH, tookMs: 1, result: "denied", message: EVIL } as const;

const strangers = [
  { name: "a failure's message", html: page({ default: failing(cachedState(HOUR), EVIL) }) },
  { name: "an identity's name", html: page({ [EVIL]: cachedState(HOUR) }) },
  { name: "the name of an identity that is not ready", html: page({ [EVIL]: loadingState }) },
  { name: "a role's ARN", html: page({ default: cachedState(HOUR, { roleArn: EVIL }) }) },
  { name: "an account", html: page({ default: cachedState(HOUR, { accountId: EVIL }) }) },
  { name: "a client's name", html: withClient({ client: evilClient }) },
  { name: "a client's version", html: withClient({ version: EVIL }) },
  {
    name: "a storming client's name",
    html: withClient({ client: evilClient, reported: { at: EPOCH, expiration: EPOCH + MINUTE } }, { storming: [EVIL] }),
  },
  {
    name: "an upstream's description",
    html: page({}, { identities: [identityInput("a", cachedState(HOUR), { upstream: EVIL })] }),
  },
  {
    name: "what an upstream call failed of",
    html: page({}, { identities: [identityInput("a", cachedState(HOUR), { calls: [evilCall] })] }),
  },
  { name: "the host name", html: page({ default: cachedState(HOUR) }, { hostname: EVIL }) },
  {
    name: "what the settings say of an identity",
    html: page(
      {},
      { identities: [identityInput("a", loadingState, { configured: { roleArn: EVIL, stsHost: EVIL } })] },
    ),
  },
  {
    name: "the first failure of an outage",
    html: page(
      {},
      {
        identities: [
          identityInput("a", failing(cachedState(HOUR), "no"), {
            outage: { since: EPOCH, attempts: 2, firstMessage: EVIL },
          }),
        ],
      },
    ),
  },
];

for (const { name, html } of strangers) {
  test(`escapes ${name}`, () => {
    assert.ok(html.includes(ESCAPED), html);
    assert.doesNotMatch(html.replace(/<script>\(\(\) =>.*<\/script>/s, ""), /<script|<img|onerror='/);
  });
}

test("escapes the end of an access key ID", () => {
  assert.ok(page({ default: cachedState(HOUR, { accessKeyId: '<"&>' }) }).includes("&#60;&#34;&#38;&#62;"));
});

test("never shows a secret, a token or a whole access key ID", () => {
  const given = { accessKeyId: "ASIACANARY00000000AB", secretAccessKey: "canary-secret", sessionToken: "canary-token" };
  const html = page({ default: failing(cachedState(HOUR, given), "no") });
  assert.doesNotMatch(html, /canary|ASIACANARY/i);
  assert.match(html, /<code>…00AB<\/code>/);
});

const storming = { reported: { at: EPOCH + 9 * MINUTE, expiration: EPOCH + 14 * MINUTE } };
const headlines = [
  {
    name: "that there is no problem",
    html: page({ default: cachedState(HOUR) }),
    tone: "good",
    tab: "OK",
    text: /^No problems found\.$/,
  },
  {
    name: "that it is loading",
    html: page({ a: loadingState }),
    tone: "wait",
    tab: "STARTING",
    text: /^a: the first credentials/,
  },
  {
    name: "who gets nothing",
    html: page({ a: failing(loadingState, "no") }),
    tone: "bad",
    tab: "NO CREDS",
    text: /^a: .*errors \(503\): no\.$/,
  },
  {
    name: "whose time is over",
    html: page({ a: cachedState(0) }),
    tone: "bad",
    tab: "EXPIRED",
    text: /^a: the credentials expired/,
  },
  {
    name: "whose upstream fails",
    html: page({ a: failing(cachedState(HOUR), "no") }),
    tone: "warn",
    tab: "OUTAGE",
    text: /^a: no\. Applications are served from memory; they will get errors at/,
  },
  {
    name: "whose outage is about to be noticed",
    html: page({ a: failing(cachedState(15 * MINUTE), "no") }),
    tone: "bad",
    tab: "EXPIRING",
    text: /^a: no\. .* they will get errors at 00:14:00 UTC \(in 4 min\)/,
  },
  {
    name: "who storms",
    html: withClient(storming, { storming: ["botocore"] }),
    tone: "warn",
    tab: "STORM",
    text: /^boto3 or the AWS CLI \(botocore\) reads credentials again at every use/,
  },
  {
    name: "what was refused",
    html: page({ a: cachedState(HOUR) }, { refusals: [{ reason: "host", total: 9, lately: 2, lastAt: EPOCH }] }),
    tone: "warn",
    tab: "REFUSED",
    text: /^2 requests were refused in the last 5 minutes/,
  },
];

for (const { name, html, tone, tab, text } of headlines) {
  test(`says first ${name}, in its colour and in the tab`, () => {
    const [, shownTone, sentence = ""] = /<section class="headline (\w+)".*?<h1>(.*?)<\/h1>/s.exec(html) ?? [];
    assert.equal(shownTone, tone);
    assert.match(sentence, text);
    assert.ok(html.includes(`<title>${tab} · pod-1</title>`));
  });
}

test("says everything else that is wrong below the worst", () => {
  const html = withClient(storming, {
    storming: ["botocore"],
    refusals: [{ reason: "host", total: 9, lately: 2, lastAt: EPOCH }],
  });
  assert.match(html, /<ul class="others">.*2 requests were refused in.*<\/ul>/s);
});

test("gives the line to write where one line is the remedy", () => {
  const unnamed = { client: { name: "python-urllib3", windows: undefined, advisorySeconds: undefined }, ...storming };
  const html = withClient(
    { ...unnamed, reported: { at: EPOCH, expiration: EPOCH + 14 * MINUTE } },
    { storming: ["python-urllib3"] },
  );
  assert.match(html, /The line to write: <code>SIDECAR_CLIENT=botocore-1<\/code>/);
});

test("draws the lifetime from when it was obtained to its real end, with refresh, minimum lifetime and margin", () => {
  const html = page({ default: cachedState(HOUR) });
  assert.match(html, /<rect class="spent" x="0%" y="5" width="16.67%"/, "10 of 60 minutes are over");
  assert.match(html, /<line class="now" x1="16.67%"/);
  assert.match(html, /<line class="refresh" x1="50%"/);
  assert.match(html, /<line class="minimum" x1="58.33%"/, "25 minutes before the end");
  assert.match(html, /<rect class="margin" x="98.33%" y="5" width="1.67%"/, "the last minute");
});

test("says that a session is shorter than the minimum lifetime", () => {
  assert.match(
    page({ default: cachedState(15 * MINUTE) }),
    /always below the minimum lifetime of 25 min: the session is too short/,
  );
});

test("draws a client's thresholds on the axis of the credentials", () => {
  const reported = { at: EPOCH + 6 * MINUTE, expiration: EPOCH + 60 * MINUTE };
  const html = withClient({ reported });
  assert.match(html, /<rect class="calm" x="10%" y="5" width="65%"/, "from the read to 15 minutes before the end");
  assert.match(html, /<rect class="advisory" x="75%" y="5" width="8.33%"/);
  assert.match(html, /<rect class="mandatory" x="83.33%" y="5" width="16.67%"/, "the last 10 minutes");
  assert.match(html, /It got 54 min \(4 min ago\)\. It reads again when less than 15 min is left: in 35 min\./);
});

test("makes the axis longer for what is reported beyond the real end", () => {
  const html = withClient({ reported: { at: EPOCH, expiration: EPOCH + 80 * MINUTE } });
  assert.match(html, /<rect class="margin" x="73.75%" y="5" width="1.25%"/);
});

const clientStates = [
  ["calm", 59, []],
  ["inside its window", 14, []],
  ["storming", 14, ["botocore"]],
] as const;

for (const [state, minutes, storms] of clientStates) {
  test(`shows a client that is ${state}`, () => {
    const reported = { at: EPOCH + 10 * MINUTE, expiration: EPOCH + (10 + minutes) * MINUTE };
    assert.match(
      withClient({ reported }, { storming: storms }),
      new RegExp(`<span class="badge \\w+">${state}</span>`),
    );
  });
}

test("plots reads per minute, the highest at full height and a single one still seen", () => {
  const html = withClient({ readsPerMinute: [0, 1, 2_000] });
  const heights = [...html.matchAll(/<rect class="(?:some|none)" x="\d+" y="\d+" width="4" height="(\d+)"/g)];
  assert.deepEqual(
    heights.map(([, height]) => height),
    ["1", "2", "28"],
  );
  assert.match(html, /aria-label="Reads per minute: 0, 1, 2000"/);
  assert.match(html, /2,001 reads in 3 min, up to 2,000 a minute/);
});

test("shows a client that has no credentials yet", () => {
  const html = withClient({ reported: undefined, lastReadServed: false });
  assert.match(html, /no credentials yet.*Its last read \(now\) got 503: there was nothing to serve\./s);
});

test("shows the last read of a client as it was, though credentials were served to it before", () => {
  const html = withClient({ reported: { at: EPOCH, expiration: EPOCH + HOUR }, lastReadServed: false });
  assert.match(html, /<span class="badge bad">last read: 503<\/span>/);
  assert.match(html, /Its last read \(now\) got 503: there was nothing to serve\. It got 60 min \(10 min ago\) before/);
});

test("puts storming clients first, and the others by name", () => {
  const calm = (name: string) => clientSeen({ client: { name, windows: undefined, advisorySeconds: 300 } });
  const client = { name: "zeta", windows: undefined, advisorySeconds: 900 };
  const clients = [calm("alpha"), calm("beta"), clientSeen({ client, ...storming })];
  const html = page({ default: cachedState(HOUR) }, { clients, storming: ["zeta"] });
  assert.deepEqual(
    [...html.matchAll(/<div class="name"><h3>(\w+)<\/h3>/g)].map(([, name]) => name),
    ["Credentials", "zeta", "alpha", "beta"],
  );
});

test("shows the pod, the version and for how long it is up", () => {
  const html = page({ default: cachedState(HOUR) });
  assert.match(html, /<b>pod-1<\/b> · aws-credential-sidecar \S+ · up 11 min · serves 127\.0\.0\.1:9911</);
});

test("shows role and STS of an identity that was never loaded, from the settings", () => {
  const configured = { roleArn: "arn:aws:iam::123456789012:role/app", stsHost: "sts.eu-west-1.amazonaws.com" };
  const html = page({}, { identities: [identityInput("default", failing(loadingState, "no"), { configured })] });
  assert.match(html, /<dt>Role<\/dt><dd>app<br>/);
  assert.match(html, /<dt>Account<\/dt><dd>123456789012<\/dd>/);
  assert.match(html, /<dt>STS<\/dt><dd>sts\.eu-west-1\.amazonaws\.com<\/dd>/);
});

test("shows the upstream calls with result and latency", () => {
  const calls = [
    {
      times: 1,
      firstAt: EPOCH + 9 * MINUTE,
      at: EPOCH + 9 * MINUTE,
      tookMs: 1_240,
      result: "throttled",
      message: "upstream throttles",
    },
    { times: 1, firstAt: EPOCH, at: EPOCH, tookMs: 96, result: "refreshed", message: undefined },
  ] as const;
  const html = page({}, { identities: [identityInput("a", cachedState(HOUR), { calls })] });
  assert.match(html, /throttled<\/span><p>upstream throttles<\/p>.*1\.2 s.*refreshed<\/span>.*96 ms/s);
});

const withFacts = (facts: UpstreamFacts) =>
  page({}, { identities: [identityInput("a", cachedState(HOUR), { facts })] });

test("shows failed calls that say the same in one row, with how many, from when to when, and the slowest", () => {
  const from = { firstAt: EPOCH + 3 * MINUTE, at: EPOCH + 5 * MINUTE };
  const failed = { times: 12, ...from, tookMs: 105, result: "unavailable", message: "no" } as const;
  const html = page({}, { identities: [identityInput("a", cachedState(HOUR), { calls: [failed] })] });
  assert.match(html, />00:03:00<\/time>–<time [^>]+>00:05:00<.*?12 × unavailable.*?<td>up to 105 ms/s);
});

test("shows which duration is allowed instead of the one that was asked for, and by what", () => {
  const shown = (given: Partial<SessionDuration>) =>
    withFacts({ sessionDuration: { askedSeconds: 43_200, allowedSeconds: 14_400, ...given } });
  const sessions = (words: string) => new RegExp(`<dt>Sessions</dt><dd>${words}; 12h was requested</dd>`);
  assert.match(shown({ limit: "role" }), sessions("4h, the most that the role allows"));
  assert.match(shown({ limit: "chaining", allowedSeconds: 3_600 }), sessions("1h, the most that role chaining allows"));
  assert.match(shown({ limit: "role", refusedSeconds: 18_000 }), sessions("4h; the role refused 5h"));
  assert.doesNotMatch(shown({ allowedSeconds: 43_200 }), /<dt>Sessions<\/dt>/);
});

test("shows whether the clocks agree", () => {
  assert.match(withFacts({ clockOffsetMs: 1_200 }), /<dt>Upstream&#39;s clock<\/dt><dd>agrees with this one<\/dd>/);
  assert.match(withFacts({ clockOffsetMs: 90_000 }), /<dd>90 s ahead of this one<\/dd>/);
  assert.match(withFacts({ clockOffsetMs: -90_000 }), /<dd>90 s behind this one<\/dd>/);
});

test("shows refusals by reason, with what to do", () => {
  const html = page({ a: cachedState(HOUR) }, { refusals: [{ reason: "host", total: 9, lately: 0, lastAt: EPOCH }] });
  assert.match(
    html,
    /their Host is not the sidecar&#39;s address <small><code>host<\/code><\/small><p class="remedy"><b>What to do:<\/b> write the sidecar&#39;s own address.*<td>9<\/td>\s*<td>10 min ago/s,
  );
  assert.match(html, /<h1>No problems found\.<\/h1>/, "what is over does not alarm");
});

test("leaves out what is not known", () => {
  const html = page({ default: loadingState });
  assert.doesNotMatch(html, /undefined|NaN|Account|Access key ID/);
  assert.match(html, /No client has read these credentials yet/);
});

test("says of static keys that they do not expire, and draws no minimum lifetime", () => {
  const html = page({ default: cachedState(undefined) });
  assert.match(html, /static keys, which do not expire/);
  assert.doesNotMatch(html, /NaN|class="minimum"|class="margin"/);
});

test("needs nothing from elsewhere, and allows only its own style and script", () => {
  const html = withClient(storming, { storming: ["botocore"] });
  const elsewhere = html.replace(/data:image\/svg\+xml,[^"]*/, "");
  assert.doesNotMatch(elsewhere, /https?:|url\(|@import|<iframe|<form| style="| on\w+="/);
  assert.deepEqual(
    [...elsewhere.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to),
    ["", "/status", "/metrics"],
  );
  const [name, policy = ""] = PAGE_SECURITY;
  assert.equal(name, "Content-Security-Policy");
  const hash = (text = "") => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const [, style] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
  const [, script] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  assert.deepEqual(policy.split("; "), [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
});

test("draws where a client that draws its threshold may read, and where it always does", () => {
  const client = { name: "java-v2", windows: { advisorySeconds: 900, mandatorySeconds: 60 }, advisorySeconds: 900 };
  const html = withClient({ client, reported: { at: EPOCH, expiration: EPOCH + HOUR } });
  assert.match(html, /<rect class="doubt" x="75%" y="5" width="21.67%"/, "from 15 minutes before the end to 2");
  assert.match(html, /<rect class="advisory" x="96.67%" y="5" width="1.67%"/);
  assert.match(html, /<rect class="mandatory" x="98.33%" y="5" width="1.67%"/);
  assert.match(html, /now and then when less than 15 min is left, and at every use below 2 min/);
});

test("says that the end of a session without an expiration is unknown", () => {
  const html = page({ default: cachedState(undefined, { lifetime: { kind: "unknown" } }) });
  assert.match(html, /a session whose end is unknown/);
  assert.doesNotMatch(html, /NaN|static keys/);
});

test("says of a client what its next read gets when the credentials have expired since its last", () => {
  const reported = { at: EPOCH - 30 * MINUTE, expiration: EPOCH };
  const html = page({ default: failing(cachedState(MINUTE), "no") }, { clients: [clientSeen({ reported })] });
  assert.match(html, /<span class="badge bad">next read: 503<\/span>/);
  assert.match(html, /What it has expired at 00:00:00 UTC; its next read gets 503\./);
});

test("draws what is left of credentials in red when upstream fails and the end is near", () => {
  assert.match(page({ a: failing(cachedState(15 * MINUTE), "no") }), /<rect class="ending"/);
  assert.doesNotMatch(page({ a: failing(cachedState(HOUR), "no") }), /<rect class="ending"/);
});

test("draws the plots of all clients on one scale", () => {
  const clients = [
    clientSeen({ readsPerMinute: [0, 280] }),
    clientSeen({ client: { name: "zeta", windows: undefined, advisorySeconds: 900 }, readsPerMinute: [0, 28] }),
  ];
  const html = page({ default: cachedState(HOUR) }, { clients });
  const heights = [...html.matchAll(/<rect class="some" x="\d+" y="\d+" width="4" height="(\d+)"/g)];
  assert.deepEqual(
    heights.map(([, height]) => height),
    ["28", "3"],
  );
});

test("folds more than four other problems", () => {
  const identities = ["a", "b", "c", "d", "e", "f", "g"].map((name) =>
    identityInput(name, failing(loadingState, "no")),
  );
  assert.match(page({}, { identities }), /<summary>2 more problems<\/summary>/);
});
