/** One attack, and what it did to the pod. */
import type { Charged } from "./cgroup.ts";
import { startPod } from "./pod.ts";

/** Long enough for the time-outs of 2 s and 5 s to have passed. */
const ATTACK_MS = 5_500;

/** Memory is read so often. */
const SAMPLE_MS = 10;

export interface Outcome {
  readonly attack: string;
  /** Connections that the attack has opened. */
  readonly opened: number;
  /** The most at one moment, in MiB. */
  readonly peakMib: { readonly together: number; readonly anonymous: number; readonly sockets: number };
  readonly killed: number;
  readonly reads: Kind;
  readonly probes: Kind;
  readonly scrapes: Kind;
}

/** Of one kind of request. */
export interface Kind {
  readonly answered: number;
  readonly faults: readonly string[];
  readonly p99Ms: number;
}

export interface Asked {
  readonly tookMs: readonly number[];
  readonly faults: readonly string[];
}

/** Attacks a new pod for a while. A sidecar that has nothing cached answers reads with 503. */
export async function attacked(attack: string): Promise<Outcome> {
  const isCold = attack.startsWith("cold");
  await using pod = await startPod({ upstream: isCold ? "hanging" : "answering" });
  const peak = { together: 0, anonymous: 0, sockets: 0 };
  const sample = () => note(peak, pod.charged());
  const sampling = setInterval(sample, SAMPLE_MS);
  try {
    const flood = await pod.start("flood.ts", /begins/, attack);
    const ran = await pod.run("well-behaved.ts", `${ATTACK_MS}`, isCold ? "503" : "200");
    await flood.stop();
    if (ran.code !== 0) throw new Error(`the well-behaved clients ended with ${ran.code}: ${ran.stderr}`);
    const { read, keptRead, probe, scrape } = JSON.parse(ran.stdout) as Readonly<Record<string, Asked>>;
    return {
      attack,
      opened: Number(/"opened":(\d+)/.exec(flood.output())?.[1]),
      peakMib: { together: mib(peak.together), anonymous: mib(peak.anonymous), sockets: mib(peak.sockets) },
      killed: pod.killed(),
      reads: kindOf(read, keptRead),
      probes: kindOf(probe),
      scrapes: kindOf(scrape),
    };
  } catch (error) {
    throw new Error(`${attack}: ${pod.output().slice(-2_000)}`, { cause: error });
  } finally {
    clearInterval(sampling);
  }
}

function note(peak: { together: number; anonymous: number; sockets: number }, { anonymous, sockets }: Charged): void {
  peak.together = Math.max(peak.together, anonymous + sockets);
  peak.anonymous = Math.max(peak.anonymous, anonymous);
  peak.sockets = Math.max(peak.sockets, sockets);
}

export function mib(bytes: number): number {
  return Math.round((bytes / 1_048_576) * 10) / 10;
}

export function kindOf(...all: readonly (Asked | undefined)[]): Kind {
  const tookMs = all.flatMap((one) => one?.tookMs ?? []).sort((a, b) => a - b);
  const p99 = tookMs[Math.ceil(tookMs.length * 0.99) - 1] ?? Number.NaN;
  return { answered: tookMs.length, faults: all.flatMap((one) => one?.faults ?? []), p99Ms: Math.round(p99 * 10) / 10 };
}
