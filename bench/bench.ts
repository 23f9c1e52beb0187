/**
 * `npm run bench`: the sidecar beside a bare `node:http` server that answers with the same bytes, in the same minutes
 * on the same cores. Absolute figures are the machine's; the promises are about ratios. `--strict` exits with 1 when
 * one is missed.
 */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { measureColdReads } from "./cold.ts";
import { sidecarDocument } from "./document.ts";
import { rowOf, table } from "./figures.ts";
import { measureIdleMemory, measureStart } from "./footprint.ts";
import { measureReads } from "./reads.ts";

const { values: flags } = parseArgs({ options: { strict: { type: "boolean", default: false } } });
if (process.platform !== "linux") throw new Error("the bench reads /proc, which only Linux has");

const document = await sidecarDocument();
const starts = await measureStart(document);
const idle = await measureIdleMemory(document);
const cold = await measureColdReads();
const reads = await measureReads(document);

const figures = [...reads.figures, ...idle.figures, ...starts.figures, ...cold];
const rows = figures.map(rowOf);
const missed = rows.filter(({ met }) => met === "NO");
const machine = { node: process.version, cores: availableParallelism(), at: new Date().toISOString() };
const asides = { busy: reads.busy, lean: { idleMb: idle.lean, startMs: starts.lean } };
writeFileSync(new URL("results.json", import.meta.url), JSON.stringify({ machine, rows, asides, figures }, null, 1));

const busy = Object.entries(reads.busy).map(([how, share]) => `${Math.round(share * 100)} % (${how})`);
process.stdout.write(`${table(rows)}

Under load the servers used ${busy.join(", ")} of a core; far below 100 %, something else set the pace.
A bare server that takes node:http without an import: ${idle.lean.toFixed(1)} MB idle, ${Math.round(starts.lean)} ms to its first answer.
${missed.length === 0 ? "Every target is met." : `Missed: ${missed.map(({ figure }) => figure).join("; ")}.`}
`);
process.exitCode = flags.strict && missed.length > 0 ? 1 : 0;
