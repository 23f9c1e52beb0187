/**
 * `npm run build && node acceptance/load/measure.ts [attacks|pages]`: writes `results.json` and `pages.json`, from which
 * docs/benchmarks.md has its tables; both unless told.
 */
import { writeFileSync } from "node:fs";
import { endWithSignals } from "../../conformance/processes.ts";
import { attacked, type Outcome } from "./attacked.ts";
import { type Pages, pagesOf } from "./pages.ts";
import { attacks } from "./programs/attacks.ts";

const [which] = process.argv.slice(2);

// What was started ends with this.
endWithSignals(async () => {});

function write(name: string, contents: object): void {
  const path = new URL(name, import.meta.url);
  writeFileSync(path, `${JSON.stringify({ node: process.version, ...contents }, undefined, 2)}\n`);
}

if (which !== "pages") {
  const outcomes: Outcome[] = [];
  for (const attack of Object.keys(attacks)) {
    const outcome = await attacked(attack);
    console.log(JSON.stringify(outcome));
    outcomes.push(outcome);
  }
  write("results.json", { outcomes });
}
if (which !== "attacks") {
  const measured: Pages[] = [];
  for (const limitMib of [64, 96, 128]) {
    for (const pages of ["shared", "own"] as const) {
      const one = await pagesOf({ limitMib, pages });
      console.log(JSON.stringify(one));
      measured.push(one);
    }
  }
  write("pages.json", { measured });
}
