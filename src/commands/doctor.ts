import type { Edge } from "../edge.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { attempt } from "../keeper/attempt.ts";
import { judge } from "../keeper/outcome.ts";
import { createIdentities, type IdentitySource } from "../upstream/create.ts";
import { classify } from "../upstream/failure.ts";
import { settingsText } from "./check.ts";
import { diagnose, type Finding, type Probe } from "./diagnosis.ts";
import { type Loaded, loadSettings } from "./settings.ts";

const marks: Readonly<Record<Finding["severity"], string>> = { ok: "ok     ", wrong: "WRONG  ", advice: "advice " };

/** Explains this pod: settings with their source, one call of each upstream, and what its lifetime means for clients. */
export async function doctor(args: readonly string[], edge: Edge): Promise<ExitCode> {
  const loaded = loadSettings(args, edge);
  if (loaded.kind === "problems") return exitCodes.badSettings;
  edge.print(`${settingsText(loaded)}\n`);
  const findings = [...cautionsOf(loaded), ...(await examine(loaded, edge))];
  for (const { severity, text } of findings) edge.print(`${marks[severity]}${text}\n`);
  return findings.some(({ severity }) => severity === "wrong") ? exitCodes.failure : exitCodes.ok;
}

function cautionsOf({ cautions }: Loaded): readonly Finding[] {
  return cautions.map(({ message }) => ({ severity: "advice", text: message }));
}

async function examine({ settings }: Loaded, edge: Edge): Promise<readonly Finding[]> {
  const steps: Finding[] = [];
  const onDurationSteppedDown = (identity: string, fromS: number, toS: number) => {
    steps.push({ severity: "advice", text: `${identity}: the role allows sessions of ${toS} s, not of ${fromS} s` });
  };
  const sources = await createIdentities(settings, edge, { onDurationSteppedDown });
  const margin = settings["expiration-margin"];
  const policy = { margin, padding: settings.padding === "auto" };
  const findings = await Promise.all(
    sources.map(async (source) => {
      const probe = await probeOf(source, edge, margin);
      const { name: identity, upstream } = source;
      const now = edge.clock.now();
      return diagnose({
        identity,
        upstream: upstream.description,
        probe,
        now,
        floor: settings["minimum-lifetime"],
        policy,
      });
    }),
  );
  return [...steps, ...findings.flat()];
}

async function probeOf({ upstream }: IdentitySource, { clock }: Edge, margin: number): Promise<Probe> {
  const startedAt = clock.now();
  const took = () => clock.now() - startedAt;
  try {
    const credentials = await attempt(upstream, clock);
    const outcome = judge(credentials, undefined, clock.now(), margin);
    if (outcome.kind === "failed") return { ...outcome, tookMs: took() };
    return { kind: "reached", credentials, tookMs: took() };
  } catch (thrown) {
    return { kind: "failed", failure: classify(thrown, clock.now()), tookMs: took() };
  }
}
