/** A program on a terminal of its own, by `script` of util-linux, which every Linux has. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { bareEnvironment, temporaryDirectory, type Variables } from "./environment.ts";

export class Terminal {
  /** Resolves with the exit code and everything that the terminal showed. */
  readonly ended: Promise<{ readonly code: number | null; readonly shown: string }>;
  readonly #child: ChildProcess;
  #shown = "";
  #listening: (() => void)[] = [];

  constructor(t: TestContext, args: readonly string[], env: Variables = {}) {
    const quoted = [process.execPath, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    this.#child = spawn("script", ["-qefc", `exec ${quoted}`, "/dev/null"], {
      env: bareEnvironment(temporaryDirectory(t), { SHELL: "/bin/sh", TERM: "xterm-256color", ...env }),
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#shown += chunk.toString();
      for (const tell of this.#listening.splice(0)) tell();
    });
    this.ended = once(this.#child, "close").then(([code]) => ({ code, shown: this.#shown }));
    t.after(async () => {
      this.#child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** Types keys: `\x03` is Ctrl-C. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** Resolves when the terminal has shown this. */
  async shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#shown)) {
      if (this.#child.exitCode !== null) throw new Error(`ended without showing ${pattern}:\n${this.#shown}`);
      await new Promise<void>((resolve) => {
        this.#listening.push(resolve);
        void this.ended.then(() => resolve());
      });
    }
  }
}
