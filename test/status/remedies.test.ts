/** What is to be done about each problem: an action, the same on the page, in `/status` and by `doctor`, ready to paste. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runningFindings } from "../../src/commands/doctor/running.ts";
import { dropReasons } from "../../src/drops.ts";
import { refusalReasons } from "../../src/refusals.ts";
import { statusJson } from "../../src/status/json.ts";
import { html } from "../../src/status/page/html.ts";
import { statusPage } from "../../src/status/page.ts";
import { parseStatus } from "../../src/status/parse-status.ts";
import { type StatusInput, statusOf } from "../../src/status/status.ts";
import { problemsOf } from "../../src/status/summary.ts";
import { HOUR } from "../../src/time.ts";
import { failureKinds, type Subject, UpstreamFailure } from "../../src/upstream/failure.ts";
import { classOf } from "../../src/upstream/failure-classes.ts";
import { EPOCH } from "../support/fake-clock.ts";
import { cachedState, clientSeen, identityInput, loadingState, statusInput } from "../support/states.ts";

const VERBS =
  "activate|allow|ask|attach|check|compare|copy|correct|find|give|let|look|mount|name|point|raise|read|renew|run|set|shorten|start|take|turn|wait|write";
/** At the beginning, or after the reason. */
const ACTION = new RegExp(`(?:^|[:;,)] (?:and |or )?|\\bor )(?:${VERBS})\\b`);

const subjects: readonly Subject[] = [
  {},
  { path: "/var/token", variable: "AWS_WEB_IDENTITY_TOKEN_FILE" },
  { variable: "AWS_REGION" },
  { profile: "app" },
  { profile: "app", setting: "sso_session" },
  { host: "sts.eu-west-1.amazonaws.com:443" },
];

for (const kind of failureKinds) {
  test(`what to do when upstream's failure is ${kind} is an action, for every code`, () => {
    const { remedy, rows } = classOf(kind);
    for (const given of [remedy, ...rows.flatMap((row) => row.remedy ?? [])]) {
      for (const subject of subjects) assert.match(typeof given === "string" ? given : given(subject), ACTION);
    }
  });
}

const lately = { total: 9, lately: 2, lastAt: EPOCH };
const denied = new UpstreamFailure("denied", "upstream denied the request (AccessDenied)", {
  upstreamCode: "AccessDenied",
});
const unknown = new UpstreamFailure("unreachable", "upstream cannot be reached (ENOTFOUND)", {
  upstreamCode: "ENOTFOUND",
  subject: { host: "sts.eu-west-1.amazonaws.com:443" },
});
const roleArn = "arn:aws:iam::123456789012:role/app";

/** Everything that can be wrong at once. */
function allWrong(): StatusInput {
  const reported = { at: EPOCH, expiration: EPOCH + 510_000 };
  const client = { name: "python-urllib3", windows: undefined, advisorySeconds: 900 };
  return statusInput(
    {},
    {
      identities: [
        identityInput("default", { ...loadingState, failure: denied }, { configured: { roleArn } }),
        identityInput("reports", { ...cachedState(HOUR), failure: unknown }),
        identityInput("late", cachedState(HOUR), { facts: { clockOffsetMs: 600_000 } }),
      ],
      clients: [clientSeen({ client, reported })],
      storming: ["python-urllib3"],
      refusals: refusalReasons.map((reason) => ({ reason, ...lately })),
      drops: dropReasons.map((reason) => ({ reason, ...lately })),
      stateFile: { path: "/state.json", fault: "cannot be used (EROFS)" },
    },
  );
}

const status = statusOf(allWrong());
const problems = problemsOf(status);
const escaped = (text: string) => html`${text}`.text;

test("what to do about refused requests, ended connections, storms and the state file is an action", () => {
  for (const { remedy } of problems) assert.match(remedy ?? "nothing to do", ACTION);
});

test("the page shows each problem with what to do, and the line or command with a button that copies it", () => {
  const page = statusPage(status);
  for (const { sentence, remedy, line, command } of problems) {
    const at = page.indexOf(escaped(sentence));
    assert.notEqual(at, -1, sentence);
    assert.notEqual(page.indexOf(`<b>What to do:</b> ${escaped(remedy ?? "")}.`, at), -1, remedy ?? sentence);
    for (const pasted of [line, command]) {
      if (pasted !== undefined) assert.ok(page.includes(`<code>${escaped(pasted)}</code> <button`), pasted);
    }
  }
});

test("/status has the same problems, and doctor prints the same of them", () => {
  const document = JSON.parse(JSON.stringify(statusJson(status)));
  assert.deepEqual(document.problems, JSON.parse(JSON.stringify(problems)));
  const found = runningFindings(parseStatus(document) ?? assert.fail("it cannot be read back"));
  for (const { state, remedy, line, command } of problems.filter((problem) => problem.state !== "clock-skew")) {
    assert.ok(
      found.some((one) => one.code === state && one.remedy === remedy && one.line === line && one.command === command),
      remedy ?? state,
    );
  }
});

const steps: readonly (readonly [code: string | undefined, subject: Subject, step: object])[] = [
  ["ENOTFOUND", { host: "sts.example.com:443" }, { command: "nslookup sts.example.com" }],
  ["ECONNREFUSED", { host: "169.254.170.23" }, { command: "curl --verbose --max-time 5 http://169.254.170.23/" }],
  ["ECONNRESET", { host: "sts.example.com" }, { command: "curl --verbose --max-time 5 https://sts.example.com/" }],
  ["ECONNRESET", { host: "sts.example.com;reboot" }, {}],
  [
    "CERT_HAS_EXPIRED",
    { host: "sts.example.com" },
    { command: "openssl s_client -connect sts.example.com:443 -servername sts.example.com </dev/null" },
  ],
];

for (const [upstreamCode, subject, step] of steps) {
  test(`gives for ${upstreamCode} of ${subject.host} what can be pasted: ${JSON.stringify(step)}`, () => {
    assert.deepEqual(new UpstreamFailure("unreachable", "fake", { upstreamCode, subject }).step, step);
  });
}

for (const [subject, step] of [
  [
    { path: "/nowhere", variable: "AWS_WEB_IDENTITY_TOKEN_FILE" },
    { line: "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token" },
  ],
  [{ path: "/var/run/secrets/eks.amazonaws.com/serviceaccount/token", variable: "AWS_WEB_IDENTITY_TOKEN_FILE" }, {}],
  [{ profile: "app" }, { command: "aws configure list-profiles" }],
  [{ variable: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" }, { line: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv4" }],
] as const) {
  test(`gives for what is set up wrongly by ${JSON.stringify(subject)} the line to write, if there is one`, () => {
    for (const upstreamCode of [undefined, "ENOENT"])
      assert.deepEqual(new UpstreamFailure("not-configured", "fake", { upstreamCode, subject }).step, step);
  });
}
