import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../../src/telemetry/log.ts";
import { textLines } from "../../src/telemetry/text-lines.ts";
import { EPOCH } from "../support/fake-clock.ts";

/** What a log on a terminal shows; colours are written as their names. */
function shown(paint = (_format: string, text: string) => text) {
  const lines: string[] = [];
  return {
    lines,
    log: createLog(
      "info",
      textLines((line) => lines.push(line), paint),
      () => EPOCH,
    ),
  };
}

const now = new Date(EPOCH).toTimeString().slice(0, 8);

test("writes one line for each event: local time, level, code, sentence and facts", () => {
  const { lines, log } = shown();
  log.tell("Stopping", { signal: "SIGTERM" });
  log.tell("Refused", { reason: "token", client: "curl", header: undefined });
  assert.deepEqual(lines, [
    `${now} info  Stopping stopping (signal SIGTERM)\n`,
    `${now} warn  Refused a request was refused (reason token, client curl)\n`,
  ]);
});

test("writes instants in local time, with the day when it is not today", () => {
  const { lines, log } = shown();
  const inADay = new Date(EPOCH + 86_400_000);
  log.tell("Refreshed", { expiration: new Date(EPOCH + 1_000).toISOString(), nextRefresh: inADay.toISOString() });
  const soon = new Date(EPOCH + 1_000).toTimeString().slice(0, 8);
  const [day] = [inADay.getDate()].map((date) => String(date).padStart(2, "0"));
  assert.match(
    lines[0] ?? "",
    new RegExp(`expiration ${soon}, nextRefresh \\d{4}-\\d\\d-${day} ${inADay.toTimeString().slice(0, 8)}`),
  );
});

test("leaves out what is empty, and writes lists and settings without brackets", () => {
  const { lines, log } = shown();
  log.tell("Started", {
    credentials: ["127.0.0.1:1", "[::1]:1"],
    admin: [],
    settings: { SIDECAR_IMDS: "off (--imds)" },
    variables: {},
  });
  assert.equal(
    lines[0],
    `${now} info  Started started (credentials 127.0.0.1:1 [::1]:1, settings SIDECAR_IMDS=off (--imds))\n`,
  );
});

test("writes no character that a terminal would obey", () => {
  const { lines, log } = shown();
  log.tell("Caution", { message: "a\nb\u001b[31m" });
  assert.equal(lines[0], `${now} warn  Caution a setting may not do what was meant (message a�b�[31m)\n`);
});

test("colours the level", () => {
  const { lines, log } = shown((format, text) => `<${format}>${text}</>`);
  log.tell("Expired");
  assert.match(lines[0] ?? "", /^<dim>\S+<\/> <red>error<\/> <bold>Expired<\/> the cached/);
});
