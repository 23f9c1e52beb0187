import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import { type Paint, problemCount, type Report, reportJson, reportText } from "../../../src/commands/doctor/report.ts";
import { environmentName, settingNames } from "../../../src/settings/table.ts";
import { resolved } from "../../support/resolved.ts";

const ok: Finding = {
  severity: "ok",
  code: "lifetime",
  facts: { identity: "default", lengthSeconds: 3_600 },
  text: "default: lifetime: 1h",
};
const advice: Finding = { severity: "advice", code: "caution", facts: { caution: "Fake" }, text: "as it may be" };
const problem: Finding = {
  severity: "problem",
  code: "proxied",
  facts: { variable: "HTTP_PROXY", host: "127.0.0.1" },
  text: "HTTP_PROXY is set",
  remedy: "name the address",
  line: "NO_PROXY=127.0.0.1",
};

function report(findings: readonly Finding[], given: Partial<Report> = {}): Report {
  const env = { SIDECAR_AUTH_TOKEN: "fake-auth-token" };
  return { about: "settings", resolved: resolved(["--upstream=demo"], env), problems: [], findings, ...given };
}

const plain: Paint = (_, text) => text;
const colours: Paint = (format, text) => styleText(format, text, { validateStream: false });
const textOf = (given: Report, paint = plain, verbose = false) => reportText(given, paint, { verbose });

test("writes the problems first, with what to do and what to write below each, and how many there are last", () => {
  assert.deepEqual(textOf(report([ok, advice, problem])).split("\n"), [
    "PROBLEM  HTTP_PROXY is set",
    "         to do: name the address",
    "         write: NO_PROXY=127.0.0.1",
    "advice   as it may be",
    "ok       default: lifetime: 1h",
    "",
    "1 problem found.",
    "",
  ]);
});

const conflict = { code: "Conflict", message: "this and that" } as const;
const ends = [
  { name: "nothing is found", given: report([]), end: "No problems found." },
  { name: "there is advice only", given: report([ok, advice]), end: "No problems found." },
  { name: "there is one problem", given: report([problem]), end: "1 problem found." },
  { name: "there are more", given: report([problem, ok, problem]), end: "2 problems found." },
  { name: "no sidecar would start", given: report([ok], { problems: [conflict] }), end: "1 problem found." },
  {
    name: "the settings cannot be read",
    given: report([], { resolved: undefined, problems: [conflict, conflict] }),
    end: "2 problems found.",
  },
];

for (const { name, given, end } of ends) {
  test(`ends with ${JSON.stringify(end)} when ${name}, and counts the same for programs`, () => {
    assert.equal(textOf(given).trimEnd().split("\n").at(-1), end);
    assert.equal(JSON.parse(reportJson(given)).ok, end === "No problems found.");
    assert.equal(problemCount(given), Number.parseInt(end, 10) || 0);
  });
}

test("counts a fault once that the settings' check and a finding both tell", () => {
  const problems = [{ code: "Conflict", message: "FAKE_URI leads back (127.0.0.1:9911); set it elsewhere" }] as const;
  const same: Finding = { ...problem, text: "FAKE_URI leads back (127.0.0.1:9911), which would ask itself" };
  assert.equal(problemCount(report([same], { problems })), 1);
  assert.equal(problemCount(report([{ ...same, text: "FAKE_URI is odd" }], { problems })), 2);
});

test("shows the settings only when asked to", () => {
  assert.doesNotMatch(textOf(report([ok])), /SIDECAR_/);
  assert.match(textOf(report([ok]), plain, true), /^SIDECAR_UPSTREAM +demo +--upstream$/m);
});

test("writes the same with colours as without", () => {
  const painted = textOf(report([ok, advice, problem]), colours);
  assert.ok(painted.includes("\u001b["));
  assert.equal(stripVTControlCharacters(painted), textOf(report([ok, advice, problem])));
});

test("writes nothing that a terminal would obey", () => {
  const evil: Finding = { ...problem, text: "\u001b[2J\r\n\u009b", remedy: "\u001b[2J", line: "\u009b" };
  assert.doesNotMatch(textOf(report([evil])).replaceAll("\n", ""), /\p{Cc}/u);
});

test("gives programs one document of a stable shape", () => {
  const { settings, ...document } = JSON.parse(reportJson(report([ok, problem], { problems: [conflict] })));
  const { facts, ...words } = problem;
  assert.deepEqual(document, {
    schema: 1,
    about: "settings",
    ok: false,
    variables: {},
    problems: [conflict],
    findings: [
      { severity: "ok", code: "lifetime", identity: "default", lengthSeconds: 3_600, text: "default: lifetime: 1h" },
      { ...words, ...facts },
    ],
  });
  assert.deepEqual(Object.keys(settings), settingNames.map(environmentName));
  assert.deepEqual(settings.SIDECAR_UPSTREAM, { value: "demo", source: "--upstream" });
  assert.deepEqual(settings.SIDECAR_AUTH_TOKEN, { value: "set", source: "SIDECAR_AUTH_TOKEN" });
});

test("gives programs a document when the settings cannot be read, too", () => {
  const { settings, findings, ok } = JSON.parse(reportJson(report([], { resolved: undefined })));
  assert.deepEqual([settings, findings, ok], [{}, [], true]);
});
