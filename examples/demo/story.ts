/** What the demo tells: each upstream call, each read, and what the sidecar saved. */
import type { AttemptEvent } from "../../src/cache/events.ts";
import type { Observer, ReadEvent, Storm } from "../../src/telemetry/events.ts";
import { formatDuration, SECOND } from "../../src/time.ts";
import type { Lines } from "./lines.ts";

const wholeSeconds = (ms: number) => formatDuration(Math.floor(ms / SECOND) * SECOND);
const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;

export class Story implements Pick<Observer, "onAttempt" | "onRead" | "onRefused" | "onStorm"> {
  readonly #lines: Lines;
  /** The wall clock in ms. */
  readonly #now: () => number;
  #reads = 0;
  #calls = 0;
  #callMs = 0;
  #storms = 0;

  constructor(lines: Lines, now: () => number) {
    this.#lines = lines;
    this.#now = now;
  }

  // Arrow functions, because the sidecar calls its observers' methods by themselves.
  readonly onAttempt = ({ outcome, tookMs, nextRefreshAt }: AttemptEvent): void => {
    this.#calls += 1;
    this.#callMs += tookMs;
    const took = `${Math.round(tookMs)} ms`;
    if (outcome.kind !== "refreshed") {
      this.#lines.say("upstream", `upstream: ${outcome.kind} after ${took}`);
      return;
    }
    const next = wholeSeconds(nextRefreshAt - this.#now());
    const text = `upstream issued 15-minute credentials in ${took}; next call in ${next}, however many clients read`;
    this.#lines.say("upstream", text);
  };

  readonly onRead = ({ client: { name }, protocol, now, reportedExpiration }: ReadEvent): void => {
    this.#reads += 1;
    const who = `${name} (${protocol})`;
    if (reportedExpiration === undefined) {
      this.#lines.say(`early ${who}`, `${who} read before there were credentials`);
      return;
    }
    const left = wholeSeconds(reportedExpiration - now);
    this.#lines.say(`read ${who}`, `${who} read, and was told ${left}   [${this.#score()}]`);
  };

  readonly onRefused: Observer["onRefused"] = (reason) =>
    this.#lines.say(`refused ${reason}`, `refused a request (${reason})`);

  readonly onStorm = ({ client, remedy }: Storm): void => {
    this.#storms += 1;
    this.#lines.say(
      `storm ${client}`,
      `STORM: ${client} reads again and again, because 15 minutes are too short for it. Remedy: ${remedy}`,
    );
  };

  #score(): string {
    return `${counted(this.#reads, "read")}, ${counted(this.#calls, "upstream call")}`;
  }

  /** What there is to say at the end. */
  summary(): string {
    if (this.#reads === 0) return `Nobody has read. ${counted(this.#calls, "upstream call")}.\n`;
    const each = this.#calls === 0 ? 0 : Math.round(this.#callMs / this.#calls);
    const waited = wholeSeconds(this.#reads * each);
    const storms = this.#storms === 0 ? "" : `${counted(this.#storms, "refresh storm")}, all answered from memory.\n`;
    return `${this.#score()}.
Without the sidecar: ${counted(this.#reads, "upstream call")} of ${each} ms each, for which applications would have waited ${waited}.
${storms}`;
  }
}
