/**
 * The program's commands in one process of their own, for a test that would start the program dozens of times. The
 * parent sends a {@link HostMessage} at a time, and gets `"done"` when its command has ended. No backoff is long, so
 * that a test sees many refreshes.
 */
import { check } from "../../src/commands/check.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { serve } from "../../src/commands/serve.ts";
import { type Edge, processEdge } from "../../src/edge.ts";

export interface HostMessage {
  readonly args: readonly string[];
}

/** In ms. The credential cache waits in many short steps, for it looks at the wall clock at each. */
const LONGEST_WAIT_MS = 2;

const commands = { serve, check, doctor };
const edge = processEdge();

/** An attempt's own time-out is left as it is: its delay is no other than a step of a backoff, but its caller is. */
const isAttempt = (): boolean => /\/cache\/attempt\.ts/.test(new Error().stack ?? "");

const clock: Edge["clock"] = {
  ...edge.clock,
  setTimer: (delayMs, fire) => edge.clock.setTimer(isAttempt() ? delayMs : Math.min(delayMs, LONGEST_WAIT_MS), fire),
};

process.on("message", async ({ args: [command, ...flags] }: HostMessage) => {
  await commands[command as keyof typeof commands](flags, { ...edge, clock });
  process.send?.("done");
});
