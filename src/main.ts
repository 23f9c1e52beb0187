#!/usr/bin/env node
// Says so when Node is too old, in syntax that an old Node can read: nothing may be imported here but the program.

/** The same as `engines` in package.json. */
const NEEDED = 24;

const found = process.versions.node;
if (Number.parseInt(found, 10) < NEEDED) {
  process.stderr.write(`NodeTooOld: needs Node ${NEEDED} or later, and this is Node ${found} (${process.execPath})\n`);
  // Bad usage; the other codes are in commands/exit-codes.ts.
  process.exitCode = 2;
} else {
  // Without a listener, this signal opens Node's inspector, from which every container of the pod could read secrets.
  process.on("SIGUSR1", () => {});
  import("./program.ts")
    .then(({ main }) => main())
    .catch((error) => {
      // The name alone: a message could carry what the program was working on.
      process.stderr.write(`${JSON.stringify({ level: "error", code: "Crashed", error: error?.name })}\n`);
      process.exit(1);
    });
}
