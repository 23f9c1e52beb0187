/** What doctor says of how long a role's sessions may last: what the running sidecar has learned, without a call of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { durationFindings } from "../../../src/commands/doctor/duration.ts";
import { runningFindings } from "../../../src/commands/doctor/running.ts";
import { statusJson } from "../../../src/status/json.ts";
import { parseStatus } from "../../../src/status/parse-status.ts";
import { statusOf } from "../../../src/status/status.ts";
import { HOUR } from "../../../src/time.ts";
import type { SessionDuration } from "../../../src/upstream/requested-duration.ts";
import { cachedState, identityInput, statusInput } from "../../support/states.ts";

const asked = { askedSeconds: 43_200 } as const;
const said: readonly (readonly [duration: SessionDuration, text: string, line: string | undefined])[] = [
  [{ ...asked, allowedSeconds: 43_200 }, "ok: default: the role allows sessions of 12h, as asked for", undefined],
  [
    { ...asked, allowedSeconds: 14_400, limit: "role" },
    "advice: default: the role allows sessions of 4h, not of 12h",
    "SIDECAR_DURATION=4h",
  ],
  [
    { ...asked, allowedSeconds: 7_200, limit: "role", refusedSeconds: 18_000 },
    "advice: default: the role allows sessions of 2h, and none of 5h; a sidecar that runs finds out what is between at its refreshes",
    undefined,
  ],
  [
    { ...asked, allowedSeconds: 3_600, limit: "chaining" },
    "advice: default: the role is assumed with the session of another role, for which STS gives 1h at most, not 12h",
    "SIDECAR_DURATION=1h",
  ],
];

for (const [duration, text, line] of said) {
  test(`says of a running sidecar: ${text}`, () => {
    const identity = identityInput("default", cachedState(HOUR), { facts: { sessionDuration: duration } });
    const status = parseStatus(
      JSON.parse(JSON.stringify(statusJson(statusOf(statusInput({}, { identities: [identity] }))))),
    );
    const found = runningFindings(status ?? assert.fail()).filter(({ code }) => code.startsWith("duration"));
    assert.deepEqual(
      found.map((finding) => [`${finding.severity}: ${finding.text}`, finding.line]),
      [[text, line]],
    );
  });
}

test("says nothing of a duration that is not the sidecar's to set", () => {
  assert.deepEqual(durationFindings("default", undefined), []);
});
