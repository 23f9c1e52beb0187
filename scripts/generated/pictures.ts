/** The pictures of docs/how-it-works.md, drawn by the policy that the program runs. */
import { findClient, LARGEST_ADVISORY_SECONDS, type Windows } from "../../src/policy/clients.ts";
import { leastRemainingMs, refreshAt } from "../../src/policy/refresh-schedule.ts";
import { honestExpiration } from "../../src/policy/reported-expiration.ts";
import { MINUTE, SECOND } from "../../src/time.ts";
import { fleetCharts } from "./fleet-pictures.ts";
import { type IdentifiedClient, type Life, livesOf, readsOf, realLeft, reported } from "./life.ts";
import { type Chart, type Look, type Mark, type Point, render } from "./svg.ts";

/** The program's defaults. */
const MINIMUM_LIFETIME_MS = 25 * MINUTE;
const MARGIN_MS = MINUTE;

/** kiam replaces a session this long before it expires (its `session-refresh`). */
const KIAM_REFRESH = 5 * MINUTE;

/** In the picture; the service of the incident used credentials many times a second. */
const USE_EVERY = 20 * SECOND;

const STEP = 15 * SECOND;

const JAVA: Windows = windowsOf("java-v1");

function windowsOf(name: string): Windows {
  const client = findClient(name);
  if (client === undefined) throw new Error(`no such client: ${name}`);
  return client.container;
}

const sidecarRefreshes = (life: Life) =>
  refreshAt({ ...life, minimumLifetimeMs: MINIMUM_LIFETIME_MS, spread: "narrow", random: () => 0 });

/** A value over time, in minutes. Both sides of each step are included, so that the line is vertical there. */
function curve(lives: readonly Life[], until: number, value: (now: number) => number): readonly Point[] {
  const jumps = lives.flatMap(({ obtainedAt }) => [obtainedAt - 1, obtainedAt]);
  const times = [...jumps, ...Array.from({ length: until / STEP + 1 }, (_, index) => index * STEP)];
  return times
    .filter((now) => now >= 0 && now <= until)
    .sort((a, b) => a - b)
    .map((now) => ({ t: now / MINUTE, y: value(now) / MINUTE }));
}

const realLine = (lives: readonly Life[], until: number): Mark => ({
  kind: "line",
  look: "real",
  points: curve(lives, until, (now) => Math.max(0, realLeft(lives, now))),
});

function reportedLine(lives: readonly Life[], until: number, client: IdentifiedClient): Mark {
  const points = curve(lives, until, (now) => (reported(lives, now, client) ?? Number.NaN) - now);
  return { kind: "line", look: "reported", points: points.filter(({ y }) => !Number.isNaN(y)) };
}

function readsMark(reads: readonly number[], until: number, look: Look): Mark {
  const label = `${reads.length} of ${until / USE_EVERY} uses read credentials first`;
  return { kind: "reads", at: reads.map((now) => now / MINUTE), look, label };
}

function advisoryLevel(seconds: number, label: string, above = true): Mark {
  return { kind: "level", y: seconds / 60, look: "advisory", label, above };
}

/** 15-minute sessions straight from kiam, to Java v1. */
export function stormChart(): Chart {
  const until = 30 * MINUTE;
  const next = ({ obtainedAt }: Life) => obtainedAt + 15 * MINUTE - KIAM_REFRESH;
  const lives = livesOf({ length: 15 * MINUTE, until, next });
  const client: IdentifiedClient = { windows: JAVA, named: false, policy: { marginMs: 0, padding: false } };
  const reads = readsOf(lives, client, until, USE_EVERY);
  return {
    title: "The storm: the lifetime left is always inside the client's advisory window",
    description:
      "Over half an hour the lifetime left of 15-minute sessions falls from 15 to 5 minutes and jumps back, three times. " +
      "The advisory window of Java v1 is 15 minutes. The line is below that at every moment, so every use reads first.",
    minutes: 30,
    top: 20,
    xStep: 5,
    yStep: 5,
    marks: [
      { kind: "band", from: 0, to: JAVA.advisorySeconds / 60, look: "storm" },
      advisoryLevel(JAVA.advisorySeconds, "advisory window of Java v1, 15 min: it reads below this"),
      realLine(lives, until),
      { kind: "note", t: 1.6, y: 7, text: "left of the session", look: "real" },
      readsMark(reads, until, "storm"),
    ],
  };
}

/** One-hour sessions, refreshed by the sidecar. */
export function headroomChart(): Chart {
  const until = 120 * MINUTE;
  const length = 60 * MINUTE;
  const lives = livesOf({ length, until, next: sidecarRefreshes });
  const client: IdentifiedClient = { windows: JAVA, named: true, policy: { marginMs: MARGIN_MS, padding: true } };
  const reads = readsOf(lives, client, until, USE_EVERY);
  const least = leastRemainingMs(length, MINIMUM_LIFETIME_MS) / MINUTE;
  return {
    title: "The headroom: refreshed at half time, a one-hour session never gets short",
    description:
      `Over two hours the lifetime left of one-hour sessions falls from 60 to 30 minutes and jumps back. The latest ` +
      `refresh leaves ${least} minutes. No advisory window is larger than ${LARGEST_ADVISORY_SECONDS / 60}. A client reads only when ` +
      `its reported lifetime has nearly run out: ${reads.length} times.`,
    minutes: 120,
    top: 60,
    xStep: 20,
    yStep: 10,
    marks: [
      { kind: "band", from: LARGEST_ADVISORY_SECONDS / 60, to: least, look: "calm" },
      advisoryLevel(
        LARGEST_ADVISORY_SECONDS,
        `no advisory window is larger than ${LARGEST_ADVISORY_SECONDS / 60} min`,
        false,
      ),
      { kind: "note", t: 40, y: (LARGEST_ADVISORY_SECONDS / 60 + least) / 2 - 1, text: "the headroom", look: "calm" },
      realLine(lives, until),
      { kind: "note", t: 11.5, y: 54, text: "left of the session", look: "real" },
      readsMark(reads, until, "calm"),
    ],
  };
}

/** 15-minute sessions through the sidecar, to Java v1 by name, and an outage. */
export function paddingChart(): Chart {
  const until = 25 * MINUTE;
  const failsFrom = 12 * MINUTE;
  const lives = livesOf({ length: 15 * MINUTE, until, next: sidecarRefreshes, failsFrom });
  const client: IdentifiedClient = { windows: JAVA, named: true, policy: { marginMs: MARGIN_MS, padding: true } };
  const last = lives.at(-1)?.credentials ?? lives[0]?.credentials;
  if (last === undefined) throw new Error("upstream issued no session");
  const end = honestExpiration(last, until, MARGIN_MS);
  const reads = readsOf(lives, client, end, USE_EVERY);
  return {
    title: "The padding: a longer report, and the client still reads in time",
    description:
      `15-minute sessions are refreshed every 5 minutes until upstream fails after ` +
      `${failsFrom / MINUTE} minutes, and the lifetime left falls to zero at minute 25. Java v1 is reported 15 minutes more than the honest ` +
      `lifetime, its mandatory window. So it stays outside its advisory window and reads ${reads.length} times. At ` +
      `minute ${end / MINUTE}, a minute before the real expiration, its reported lifetime has fallen to 15 minutes: it reads before it ` +
      "signs.",
    minutes: 25,
    top: 30,
    xStep: 5,
    yStep: 5,
    marks: [
      advisoryLevel(JAVA.advisorySeconds, "", true),
      { kind: "note", t: 14.2, y: 13.2, text: "both windows of Java v1, 15 min", look: "advisory" },
      reportedLine(lives, end, client),
      { kind: "note", t: 12.7, y: 27.6, text: "reported to Java v1", look: "reported" },
      realLine(lives, until),
      { kind: "note", t: 0.4, y: 8, text: "left of the session", look: "real" },
      { kind: "moment", t: failsFrom / MINUTE, y: 1.5, label: "upstream fails" },
      { kind: "moment", t: end / MINUTE, y: 22, label: "it must read again", anchor: "end" },
      readsMark(reads, end, "calm"),
    ],
  };
}

/** By file name. */
export function pictures(): ReadonlyMap<string, string> {
  const charts = { storm: stormChart(), headroom: headroomChart(), padding: paddingChart(), ...fleetCharts() };
  return new Map(Object.entries(charts).map(([name, chart]) => [`docs/pictures/${name}.svg`, render(chart)]));
}
