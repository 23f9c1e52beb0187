/**
 * The program's commands in one process of their own, for a test that would start the program dozens of times. The
 * parent sends a {@link HostMessage} at a time, and gets `"done"` when its command has ended. Time between refreshes
 * passes a hundred times as fast, so that a test sees many of them.
 */
import { check } from "../../src/commands/check.ts";
import { doctor } from "../../src/commands/doctor.ts";
import { serve } from "../../src/commands/serve.ts";
import { type Edge, processEdge } from "../../src/edge.ts";
import { MINUTE, SECOND } from "../../src/time.ts";

export interface HostMessage {
  readonly args: readonly string[];
}

const commands = { serve, check, doctor };
const edge = processEdge();

/** How long an attempt may take. A real upstream answers it, so this time must not pass faster. */
const attemptTimeoutsMs: readonly number[] = [15 * SECOND, MINUTE];

const clock: Edge["clock"] = {
  ...edge.clock,
  setTimer: (delayMs, fire) => edge.clock.setTimer(attemptTimeoutsMs.includes(delayMs) ? delayMs : delayMs / 100, fire),
};

process.on("message", async ({ args: [command, ...flags] }: HostMessage) => {
  await commands[command as keyof typeof commands](flags, { ...edge, clock });
  process.send?.("done");
});
