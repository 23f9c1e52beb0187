/** Whatever listens at the admin address, which may be anybody's when no sidecar runs, cannot harm who asks it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { healthcheck } from "../../src/commands/healthcheck.ts";
import { refresh } from "../../src/commands/refresh.ts";
import { wait } from "../../src/commands/wait.ts";
import { type Edge, systemClock } from "../../src/edge.ts";
import { fakeEdge } from "../support/fake-edge.ts";
import { fakeServer } from "../support/fake-http.ts";

const commands: readonly (readonly [string, (admin: string, edge: Edge) => number | Promise<number>])[] = [
  ["healthcheck", (admin, edge) => healthcheck([admin], edge)],
  ["wait", (admin, edge) => wait(["--timeout=1s", admin], edge)],
  ["refresh", (admin, edge) => refresh([admin], edge)],
  ["refresh NAME", (admin, edge) => refresh(["reports", admin], edge)],
];

/** Clears a terminal, sets its title, begins a sequence with one character, and turns a line around. */
const OBEYED = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e";

const lies = {
  code: OBEYED,
  message: OBEYED,
  identities: [
    { identity: OBEYED, result: "failed", message: OBEYED, remedy: OBEYED },
    { identity: `${OBEYED}2`, result: "refreshed", expiration: OBEYED },
  ],
};

for (const [name, command] of commands) {
  test(`${name} prints nothing that a terminal obeys`, async (t) => {
    const { url } = await fakeServer(t, ({ path }) => {
      if (path === "/refresh") return { body: JSON.stringify(lies) };
      if (path === "/refresh?identity=reports") return { body: JSON.stringify({ ...lies, identities: 0 }) };
      return { status: 503, body: `not ready: ${OBEYED}\n` };
    });
    const edge = fakeEdge();
    const code = await command(`--admin-listen=${new URL(url).host}`, { ...edge, clock: systemClock });
    assert.equal(code, 1);
    const shown = [...edge.out, ...edge.err].join("");
    assert.match(shown, /owned|\uFFFD/);
    assert.doesNotMatch(shown.replaceAll("\n", ""), /[\p{Cc}\p{Bidi_Control}]/u);
  });

  test(`${name} calls an answer of another shape no sidecar's`, async (t) => {
    const { url } = await fakeServer(t, () => ({ body: '{"identities":[null,5,{}],"code":7}', status: 404 }));
    const edge = fakeEdge();
    const code = await command(`--admin-listen=${new URL(url).host}`, { ...edge, clock: systemClock });
    assert.equal(code, 1);
    assert.match(edge.err.join(""), /^NotReachable: \S+ is no sidecar.*: it answers 404/);
  });

  test(`${name} reads no answer without an end`, async (t) => {
    const { url } = await fakeServer(t, () => ({ status: 503, body: "x".repeat(9_000_000) }));
    const edge = fakeEdge();
    const code = await command(`--admin-listen=${new URL(url).host}`, { ...edge, clock: systemClock });
    assert.equal(code, 1);
    assert.match(edge.err.join(""), /^NotReachable: \S+ is no sidecar: its answer is longer than 8 MiB/);
  });
}
