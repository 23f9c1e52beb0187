/** What it costs a pod to be the one that is charged for Node's pages, beside a pod that shares them. */
import { setTimeout as wait } from "node:timers/promises";
import { type Asked, type Kind, kindOf, mib } from "./attacked.ts";
import { type PodOptions, startPod } from "./pod.ts";

/** An application with as many connections as SDKs' pools have. */
const FLOOD = "reads without end, on 64 connections";
const FLOOD_MS = 5_500;

/** V8 gives back what it can within seconds. */
const IDLE_MS = 3_000;
const SAMPLE_MS = 10;

export interface Pages {
  readonly limitMib: number;
  readonly pages: "shared" | "own";
  /** Working sets, in MiB; `flooded` is the most at one moment. */
  readonly idle: number;
  readonly flooded: number;
  readonly reads: Kind;
  readonly probes: Kind;
  /** Pages of files that had to be read from the disk during the flood. */
  readonly majorFaults: number;
  readonly killed: number;
  /** How long `doctor` took after the flood, in ms; undefined when it gave no answer in half a minute. */
  readonly doctorMs: number | undefined;
}

/** A new pod under a flood from its own side. */
export async function pagesOf(options: Required<Pick<PodOptions, "limitMib" | "pages">>): Promise<Pages> {
  await using pod = await startPod({ ...options, upstream: "answering" });
  await wait(IDLE_MS);
  const idle = pod.charged().workingSet;
  const faultsBefore = pod.majorFaults();
  const flood = await pod.start("flood.ts", /begins/, FLOOD);
  let flooded = 0;
  const sampling = setInterval(() => (flooded = Math.max(flooded, pod.charged().workingSet)), SAMPLE_MS);
  const ran = await pod.run("well-behaved.ts", `${FLOOD_MS}`, "200");
  clearInterval(sampling);
  await flood.stop();
  if (ran.code !== 0) throw new Error(`the well-behaved clients ended with ${ran.code}: ${ran.stderr}`);
  const { read, keptRead, probe } = JSON.parse(ran.stdout) as Readonly<Record<string, Asked>>;
  const majorFaults = pod.majorFaults() - faultsBefore;
  const startedAt = performance.now();
  const doctor = await pod.exec("doctor");
  return {
    ...options,
    idle: mib(idle),
    flooded: mib(flooded),
    reads: kindOf(read, keptRead),
    probes: kindOf(probe),
    majorFaults,
    killed: pod.killed(),
    doctorMs: doctor.code === 0 ? Math.round(performance.now() - startedAt) : undefined,
  };
}
