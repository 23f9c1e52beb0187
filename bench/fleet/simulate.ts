/** Runs a scenario: thousands of pods, one STS, and what they make of each other. */
import { MINUTE, SECOND } from "../../src/time.ts";
import { seeded } from "../../test/support/seeded.ts";
import { Pod } from "./pod.ts";
import { Queue } from "./queue.ts";
import { Record } from "./record.ts";
import type { Scenario } from "./scenarios.ts";
import { isWithin, Region } from "./sts.ts";

/** Ms between an application's reads while it waits for credentials. */
const READ_EVERY_MS = 5 * SECOND;
/** One pod in three has an application that reads all the time. */
const READ_ONE_IN = 3;

/** Simulates `scenario` with this many pods. The same seed gives the same figures. */
export function simulate(scenario: Scenario, pods: number, seed = 1): Record {
  const random = seeded(seed);
  const regionNames = scenario.regions.map(({ name }) => name);
  const scale = scenario.limitIsFixed ? 1 : pods / 10_000;
  const regions = new Map(
    scenario.regions.map((model) => [
      model.name,
      new Region({ ...model, limit: model.limit * scale, others: model.others * scale }, random),
    ]),
  );
  const fleet = Array.from({ length: pods }, (_, index) => {
    const readEveryMs = index % READ_ONE_IN === 0 ? READ_EVERY_MS : undefined;
    const startsAt = random() * scenario.rollOutMs;
    return new Pod({ startsAt, sessionMs: scenario.sessionMs, readEveryMs, regions: regionNames, random });
  });
  const record = new Record(scenario, fleet);
  const queue = new Queue(pods);
  const restarts = fleet.map(() =>
    scenario.restartsAt === undefined ? Number.POSITIVE_INFINITY : scenario.restartsAt + random() * MINUTE,
  );
  const enqueue = (index: number, pod: Pod) => queue.push(index, Math.min(pod.at, restarts[index] ?? pod.at));
  for (const [index, pod] of fleet.entries()) enqueue(index, pod);
  for (let next = queue.pop(); next !== undefined && next.at < scenario.lengthMs; next = queue.pop()) {
    const pod = fleet[next.pod];
    if (pod === undefined) continue;
    if (next.at === restarts[next.pod]) {
      restarts[next.pod] = Number.POSITIVE_INFINITY;
      record.onRestart(next.pod, next.at);
      pod.restart(next.at);
    }
    act(next.pod, pod);
    enqueue(next.pod, pod);
  }
  record.end();
  return record;

  function act(index: number, pod: Pod): void {
    const { at, servesUntil } = pod;
    const step = pod.step();
    if (step.kind === "settled") {
      record.onSettled(index, { at, servedUntil: servesUntil, gained: step.gained });
      return;
    }
    const region = regions.get(step.region);
    if (region === undefined) throw new Error(`no region is called ${step.region}`);
    const call = region.call(at, isWithin(scenario.denials, at));
    record.onCall(index, at, call.result);
    pod.called(step.region, call);
  }
}
