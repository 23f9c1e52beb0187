/** The bundle, as the image has it. */
import { fileURLToPath } from "node:url";
import { run } from "../../conformance/processes.ts";

/** Builds `dist/`. Throws what the build complains of. */
export async function buildBundle(): Promise<void> {
  const script = fileURLToPath(new URL("../../scripts/build.ts", import.meta.url));
  const { code, stderr } = await run(process.execPath, [script], {});
  if (code !== 0) throw new Error(stderr);
}
