/** A fixture server and its clock, as the scenarios use them. */
import { fileURLToPath } from "node:url";
import { type Started, start } from "../processes.ts";
import type { Clock } from "./faketime.ts";
import type { Operations } from "./fixture-server.ts";
import { Gate } from "./gate.ts";

const program = fileURLToPath(new URL("fixture-server.ts", import.meta.url));

/** Virtual machines warm up on every core there is, and a faked clock does not wait for them. */
const startsTogether = ({ rate }: Clock): number => (rate === 1 ? 2 : 1);

export class Fixture {
  readonly clock: Clock;
  /** Passed by each client between its start and its first request. */
  readonly starts: Gate;
  readonly #process: Started;
  readonly #control: string;

  private constructor(clock: Clock, process: Started) {
    this.clock = clock;
    this.starts = new Gate(startsTogether(clock));
    this.#process = process;
    this.#control = process.match[1] ?? "";
  }

  static async open(clock: Clock): Promise<Fixture> {
    const server = await start({
      command: process.execPath,
      args: [program],
      env: clock.env,
      ready: /control (http:\S+)\n/,
    });
    return new Fixture(clock, server);
  }

  async do<Name extends keyof Operations>(
    name: Name,
    given: Operations[Name]["given"],
  ): Promise<Operations[Name]["answer"]> {
    const response = await fetch(`${this.#control}/${name}`, { method: "POST", body: JSON.stringify(given) });
    if (!response.ok) throw new Error(`${name}: ${await response.text()}\n${this.#process.output()}`);
    return (await response.json()) as Operations[Name]["answer"];
  }

  /** Ends the server and its clock. */
  async close(): Promise<void> {
    await this.#process.stop();
    await this.clock.stop();
  }
}
