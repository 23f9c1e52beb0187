/** A program that runs in place of this one: with its input, output and terminal, and its signals. */

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { isatty } from "node:tty";
import type { Env } from "../edge.ts";

/** How a program ended, or why it did not start (Node's code, such as `ENOENT`). */
export type ChildEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "killed"; readonly signal: NodeJS.Signals }
  | { readonly kind: "not-started"; readonly code: string };

export interface Child {
  readonly ended: Promise<ChildEnd>;
  /** Sends a signal; harmless when it has ended. */
  readonly signal: (name: NodeJS.Signals) => void;
}

/**
 * Starts a program in this process's own group, so that it keeps the terminal: an editor or a prompt works in it as
 * without us.
 */
export function startChild([command = "", ...args]: readonly string[], env: Env): Child {
  const { promise, resolve } = Promise.withResolvers<ChildEnd>();
  const notStarted = ({ code = "failed" }: NodeJS.ErrnoException) => resolve({ kind: "not-started", code });
  try {
    const child = spawn(command, args, { env, stdio: "inherit" });
    child.on("error", notStarted);
    child.on("exit", (code, signal) =>
      resolve(signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal }),
    );
    return { ended: promise, signal: (name) => void child.kill(name) };
  } catch (error) {
    // An argument with a NUL byte, for example.
    notStarted(error as NodeJS.ErrnoException);
    return { ended: promise, signal: () => {} };
  }
}

/** The number of a signal, which exit codes carry: 128 and this. */
export function signalNumber(name: string): number {
  return constants.signals[name as NodeJS.Signals] ?? 0;
}

/**
 * Whether the keys of a terminal (Ctrl-C, Ctrl-\) send their signals to this process and to its children alike, so that
 * nobody need pass them on. Linux tells which process group has the terminal; elsewhere a terminal alone decides.
 */
export function hasTerminal(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return isatty(0) || isatty(2);
  }
}
