import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A full garbage collection, which Node gives to those who ask for it by a flag. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Bytes in use once everything that nobody holds is gone: the JavaScript heap and the buffers outside of it. */
export async function bytesInUse(): Promise<number> {
  const collect = collector();
  // What a first collection finalizes, a later one frees.
  for (let round = 0; round < 4; round += 1) {
    collect();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
