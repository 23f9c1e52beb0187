/** What ten thousand sidecars do to STS, drawn from the simulation that `npm run fleet` runs. */
import { figuresOf } from "../../bench/fleet/figures.ts";
import type { Record } from "../../bench/fleet/record.ts";
import { BEGINS, type Scenario, STS_LIMIT, scenarios } from "../../bench/fleet/scenarios.ts";
import { simulate } from "../../bench/fleet/simulate.ts";
import { HOUR, MINUTE, SECOND } from "../../src/time.ts";
import type { Chart, Point } from "./svg.ts";

const PODS = 10_000;

function run(name: string, given: Partial<Scenario> = {}): Record {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`no scenario is called ${name}`);
  return simulate({ ...scenario, ...given }, PODS);
}

/** For each stretch of so many seconds, one point at its middle. */
function points({ perSecond }: Record, seconds: number, value: (calls: Uint32Array) => number): readonly Point[] {
  return Array.from({ length: Math.floor(perSecond.length / seconds) }, (_, index) => {
    const from = index * seconds;
    return { t: ((from + seconds / 2) * SECOND) / MINUTE, y: value(perSecond.subarray(from, from + seconds)) };
  });
}

const mean = (calls: Uint32Array) => calls.reduce((sum, one) => sum + one, 0) / calls.length;
const most = (calls: Uint32Array) => calls.reduce((high, one) => Math.max(high, one), 0);

/** A roll-out in one minute, with one-hour sessions. */
export function rollOutChart(): Chart {
  const record = run("roll-out in a minute, 1 h", { lengthMs: 3 * HOUR });
  const line = points(record, 60, mean);
  const later = line.slice(1).map(({ y }) => y);
  const [first, steady] = [Math.round(line[0]?.y ?? 0), later.reduce((sum, one) => sum + one, 0) / later.length];
  return {
    title: "The roll-out: ten thousand sidecars start together, and refresh evenly",
    description:
      `In the first minute ten thousand sidecars make ${first} calls a second, one each. From the second minute on they make ` +
      `${steady.toFixed(1)} calls a second, and in no minute of the three hours more than ${Math.max(...later).toFixed(1)} or ` +
      `less than ${Math.min(...later).toFixed(1)}: there is no wave half an hour later, nor any after that.`,
    minutes: 180,
    top: 20,
    xStep: 30,
    yStep: 5,
    unit: "calls a second, in each minute",
    marks: [
      { kind: "line", look: "real", points: line },
      { kind: "note", t: 3, y: 18.4, text: `the first minute: ${first} a second`, look: "real" },
      { kind: "note", t: 92, y: 9.2, text: `from then on: ${steady.toFixed(1)} a second`, look: "real" },
    ],
  };
}

/** An outage of an hour, with and without a restart of all pods inside it. */
export function outageChart(): Chart {
  const [outage, restart] = [run("outage of 60 min, 1 h"), run("all restart in an outage of 60 min")];
  const [outagePeak, restartPeak] = [outage, restart].map((record) => figuresOf(record).peakPerSecond);
  // Until the outage ends, from when the pods have slowed down.
  const waiting = mean(restart.perSecond.subarray((BEGINS + 10 * MINUTE) / SECOND, (BEGINS + HOUR) / SECOND));
  const [begins, ends] = [BEGINS / MINUTE, (BEGINS + HOUR) / MINUTE];
  return {
    title: "The outage: STS is down for an hour, and all sidecars restart in it or do not",
    description:
      `STS is down from minute ${begins} to minute ${ends}. Ten thousand sidecars with one-hour sessions make at most ` +
      `${outagePeak} calls in any second: more and more while they run out, and hardly any from the second minute after the ` +
      `outage on. If all of them restart within a minute during the outage, they make ${restartPeak} calls in the highest second ` +
      `of that minute, and then about ${Math.round(waiting)} a second. STS takes ${STS_LIMIT} a second.`,
    minutes: 180,
    top: 700,
    xStep: 30,
    yStep: 100,
    unit: "calls a second, the highest of each half minute",
    marks: [
      { kind: "level", y: STS_LIMIT, look: "advisory", label: `STS takes ${STS_LIMIT} calls a second`, above: false },
      { kind: "moment", t: begins, y: 660, label: "STS is down", anchor: "end" },
      { kind: "moment", t: ends, y: 660, label: "STS is back" },
      { kind: "line", look: "reported", points: points(restart, 30, most) },
      { kind: "note", t: 67.5, y: 380, text: "all sidecars restart", look: "reported" },
      { kind: "line", look: "real", points: points(outage, 30, most) },
      { kind: "note", t: 123, y: 60, text: "they do not", look: "real" },
    ],
  };
}

export const fleetCharts = () => ({ "fleet-roll-out": rollOutChart(), "fleet-outage": outageChart() });
