import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import type { Finding } from "../../../src/commands/doctor/finding.ts";
import { isWell, type Paint, type Report, reportJson, reportText } from "../../../src/commands/doctor/report.ts";
import { environmentName, settingNames } from "../../../src/settings/table.ts";
import { resolved } from "../../support/resolved.ts";

const ok: Finding = { severity: "ok", code: "lifetime", identity: "default", lengthS: 3_600 };
const advice: Finding = {
  severity: "advice",
  code: "caution",
  caution: "MinimumLifetimeOutOfReach",
  text: "as it may be",
};
const wrong: Finding = {
  severity: "wrong",
  code: "proxied",
  variable: "HTTP_PROXY",
  host: "127.0.0.1",
  line: "NO_PROXY=127.0.0.1",
};

function report(findings: readonly Finding[], given: Partial<Report> = {}): Report {
  const env = { SIDECAR_AUTH_TOKEN: "fake-auth-token" };
  return { about: "settings", resolved: resolved(["--upstream=demo"], env), problems: [], findings, ...given };
}

const plain: Paint = (_, text) => text;
const colours: Paint = (format, text) => styleText(format, text, { validateStream: false });
const linesOf = (text: string) => text.split("\n\n").slice(1).join("\n\n").split("\n");

test("writes a line for each finding, what to do and what to write below it, and how it comes out", () => {
  assert.deepEqual(linesOf(reportText(report([ok, advice, wrong]), plain)), [
    "ok     default: lifetime: 1h",
    "advice as it may be",
    "WRONG  HTTP_PROXY is set, and NO_PROXY does not name 127.0.0.1: clients that honour it ask the proxy for credentials",
    "       to do: name the sidecar's address in NO_PROXY of the application's container",
    "       write: NO_PROXY=127.0.0.1",
    "",
    "Wrong: 1.",
    "",
  ]);
});

test("says that all is well when nothing is wrong", () => {
  assert.match(reportText(report([ok, advice]), plain), /\nAll well\.\n$/);
});

test("writes the same with colours as without", () => {
  const painted = reportText(report([ok, advice, wrong]), colours);
  assert.ok(painted.includes("\u001b["));
  assert.equal(stripVTControlCharacters(painted), reportText(report([ok, advice, wrong]), plain));
});

test("writes nothing that a terminal would obey", () => {
  const evil: Finding = {
    severity: "ok",
    code: "sidecar-running",
    url: "http://127.0.0.1:9912",
    version: "\u001b[2J\r\n\u009b",
  };
  assert.doesNotMatch(reportText(report([evil]), plain).replaceAll("\n", ""), /\p{Cc}/u);
});

test("is well when nothing is wrong, and advice is nothing wrong", () => {
  assert.equal(isWell(report([ok, advice])), true);
  assert.equal(isWell(report([ok, wrong])), false);
  assert.equal(isWell(report([ok], { problems: [{ code: "Conflict", message: "no" }] })), false);
});

test("gives programs one document of a stable shape", () => {
  const problems = [{ code: "Conflict", message: "this and that" }] as const;
  const { settings, ...document } = JSON.parse(reportJson(report([ok, wrong], { problems })));
  assert.deepEqual(document, {
    schema: 1,
    about: "settings",
    ok: false,
    problems,
    findings: [
      { severity: "ok", code: "lifetime", identity: "default", lengthS: 3_600, text: "default: lifetime: 1h" },
      {
        ...wrong,
        text: "HTTP_PROXY is set, and NO_PROXY does not name 127.0.0.1: clients that honour it ask the proxy for credentials",
        remedy: "name the sidecar's address in NO_PROXY of the application's container",
      },
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
