import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A full garbage collection, which Node gives to those who ask for it by a flag. */
setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** What the compiler makes of hot functions grows by itself for a while, and is nothing that the program holds. */
const COMPILED = /^(?:code|trusted)_/;

/** Bytes that the program holds: objects on the JavaScript heap, and the buffers beside it. */
export async function bytesKept(): Promise<number> {
  // What one collection finalizes, the next frees.
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const spaces = getHeapSpaceStatistics().filter(({ space_name }) => !COMPILED.test(space_name));
  return spaces.reduce((sum, { space_used_size }) => sum + space_used_size, process.memoryUsage().arrayBuffers);
}
