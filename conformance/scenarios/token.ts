/** 7. The authorization token of the container protocol: as a variable, as a file, as a file that is rotated. */
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runOnce } from "../harness/client-against-sidecar.ts";
import { oneHour } from "../harness/fake-upstream.ts";
import { fixedAddressOf } from "../harness/link-local.ts";
import { requestsOf } from "../harness/load.ts";
import type { Scenario, Spec } from "../harness/scenario.ts";
import { type Counts, failureOf, type Judged } from "../harness/verdict.ts";
import { short } from "./long-life.ts";

const FIRST = "fake-auth-token-1";
const SECOND = "fake-auth-token-2";

/** Long enough for every client to read again: a session of 30 s is reported for 20 s. */
const ROTATION_LOAD = { requests: 80, paceMs: 400, limitMs: 120_000 };

export const authorizationToken: Scenario = {
  id: "token",
  title: "Authorization token",
  promise: "The token is sent from the variable and from the file, and after a rotation the new one.",
  together: 12,
  // Who knows one address sends no token there.
  variants: async (client, protocol) =>
    protocol === "container" && fixedAddressOf(client) === undefined ? ["variable", "file", "rotation"] : [],
  async measure(context, spec) {
    const { client, variant } = spec;
    const fixture = await context.real();
    const path = join(context.folder, `token-${client.name}-${variant}`);
    await writeFile(path, FIRST);
    const clientEnv: Record<string, string> =
      variant === "variable"
        ? { AWS_CONTAINER_AUTHORIZATION_TOKEN: FIRST }
        : { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path };
    const env = { SIDECAR_AUTH_TOKEN_FILE: path };
    const common = { fixture, spec, clientEnv };
    try {
      if (variant !== "rotation") {
        const load = { requests: requestsOf(client, 50), limitMs: 60_000 };
        return await runOnce({ ...common, load, upstream: oneHour, sidecar: { named: false, env } });
      }
      const shortEnv = { ...env, SIDECAR_EXPIRATION_MARGIN: "10s", SIDECAR_MINIMUM_LIFETIME: "1m" };
      const load = { ...ROTATION_LOAD, requests: requestsOf(client, ROTATION_LOAD.requests) };
      return await runOnce({
        ...common,
        load,
        upstream: short.upstream,
        sidecar: { named: false, env: shortEnv },
        async during({ firstRequest, sidecar }) {
          await firstRequest();
          await sleep(1_000);
          await writeFile(path, SECOND);
          // A sidecar honours the old token for 10 min more; one that starts now never knew it.
          await sidecar.restart();
        },
      });
    } finally {
      await rm(path, { force: true });
    }
  },
  judge: judgeToken,
};

/** Errors while the sidecar restarts are those of another scenario; here it counts whether they end. */
const RESTART_MS = 8_000;

export function judgeToken(counts: Counts, { variant }: Pick<Spec, "variant">): Judged {
  const failure = failureOf(counts);
  if (failure === undefined) return { verdict: "works", remark: "" };
  const { failed, requests, lastErrorAtMs = 0, late, otherwiseRejected } = counts;
  if (failed === requests) return { verdict: "fails", remark: `does not send it: ${counts.firstError}` };
  if (variant !== "rotation" || late > 0 || otherwiseRejected > 0) return failure;
  if (lastErrorAtMs <= RESTART_MS) return { verdict: "works", remark: `${failed} failed while the sidecar restarted` };
  return { verdict: "fails", remark: `keeps the old token: ${counts.firstError}` };
}
