import assert from "node:assert/strict";
import { test } from "node:test";
import { FLUSH_LIMIT_MS, MAX_WAITING_BYTES, Output } from "../../src/process/output.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** A pipe that takes what it is told to, and keeps the rest waiting as Node's own do. */
class FakePipe {
  writableLength = 0;
  readonly taken: string[] = [];
  failing = false;
  onError: (() => void) | undefined;
  #waiting: { readonly text: string; readonly done: (error?: Error) => void }[] = [];

  on(_event: string, listener: () => void): this {
    this.onError = listener;
    return this;
  }

  write(text: string, done: (error?: Error) => void): boolean {
    if (this.failing) done(Object.assign(new Error("fake"), { code: "EPIPE" }));
    else this.#waiting.push({ text, done });
    if (!this.failing) this.writableLength += text.length;
    return true;
  }

  drain(): void {
    for (const { text, done } of this.#waiting.splice(0)) {
      this.writableLength -= text.length;
      this.taken.push(text);
      done();
    }
  }
}

function outputTo(pipe: FakePipe, clock = new FakeClock()): Output {
  // Of a stream, these three are used.
  return new Output(pipe as unknown as ConstructorParameters<typeof Output>[0], clock.setTimer);
}

const LINE = "x".repeat(1_024);

test("keeps a bounded number of bytes for a pipe that nobody reads, and counts what it loses", () => {
  const pipe = new FakePipe();
  const output = outputTo(pipe);
  for (let written = 0; written < 1_000; written += 1) output.write(LINE);
  assert.equal(pipe.writableLength, MAX_WAITING_BYTES);
  assert.equal(output.lost, 1_000 - MAX_WAITING_BYTES / LINE.length);
});

test("says how much was lost when the pipe is read again, once", () => {
  const pipe = new FakePipe();
  const output = outputTo(pipe);
  const resumed: number[] = [];
  output.onResumed((lost) => resumed.push(lost));
  for (let written = 0; written < 1_000; written += 1) output.write(LINE);
  assert.deepEqual(resumed, []);
  pipe.drain();
  assert.deepEqual(resumed, [output.lost]);
  output.write(LINE);
  pipe.drain();
  assert.equal(resumed.length, 1);
  assert.equal(pipe.taken.at(-1), LINE);
});

test("survives a pipe without a reader, counts each line, and goes on when a reader comes", () => {
  const pipe = new FakePipe();
  const output = outputTo(pipe);
  const resumed: number[] = [];
  output.onResumed((lost) => resumed.push(lost));
  assert.notEqual(pipe.onError, undefined, "an error event that nobody listens to ends the program");
  pipe.failing = true;
  output.write(LINE);
  output.write(LINE);
  assert.deepEqual([output.lost, resumed], [2, []]);
  pipe.failing = false;
  output.write("read again");
  pipe.drain();
  assert.deepEqual([pipe.taken, resumed], [["read again"], [2]]);
});

test("waits at the end until everything is written", async () => {
  const pipe = new FakePipe();
  const output = outputTo(pipe);
  await output.flush();
  output.write(LINE);
  const flushed = output.flush();
  pipe.drain();
  await flushed;
  assert.deepEqual(pipe.taken, [LINE]);
});

test("does not wait for ever for a pipe that nobody reads", async () => {
  const clock = new FakeClock();
  const output = outputTo(new FakePipe(), clock);
  output.write(LINE);
  const flushed = output.flush();
  await clock.advance(FLUSH_LIMIT_MS);
  await flushed;
});
