import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./manifests.ts";

/** Compares with the file in `golden/`; with UPDATE_GOLDEN set, writes it instead, for `git diff` to be read. */
export function assertGolden(name: string, made: string): void {
  const path = `${root}/acceptance/kubernetes/golden/${name}`;
  if (process.env.UPDATE_GOLDEN !== undefined) writeFileSync(path, made);
  assert.equal(made, readFileSync(path, "utf8"), `${name} differs; UPDATE_GOLDEN=1 writes what is made now`);
}
