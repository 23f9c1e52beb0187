import assert from "node:assert/strict";
import { test } from "node:test";
import { median } from "../../../bench/figures.ts";
import type { Round } from "../../../bench/reads.ts";
import { readsRows } from "../../../bench/summary.ts";
import { benchTables, memoryTable, readsTable, variantsTable } from "../../../bench/tables.ts";

const round = (answered: number, cpuSeconds: number): Round => {
  return { answered, cpuSeconds, seconds: 1, failed: 0, p50Us: 100, p99Us: 900, p999Us: 2_000 };
};

test("takes the middle of an odd number of values, and the mean of the two in the middle of an even one", () => {
  assert.equal(median([3, 100, 1]), 3);
  assert.equal(median([4, 1, 2, 100]), 3);
});

test("compares a server with the sidecar round by round, whatever else the machine did in between", () => {
  // The machine was busy from the middle of the second round: the ratio of the medians would be 9.
  const rounds = new Map([
    ["sidecar", [round(100, 1), round(10, 1), round(10, 1)]],
    ["bare", [round(90, 1), round(90, 1), round(9, 1)]],
  ]);
  const [ours, bare] = readsRows(rounds, "sidecar");
  assert.deepEqual([ours?.ratio, bare?.ratio], [1, 0.9]);
});

test("counts reads by the time that the server's threads ran, not by the clock", () => {
  const [row] = readsRows(new Map([["sidecar", [round(100, 0.5)]]]), "sidecar");
  assert.deepEqual([row?.perSecond, row?.perCpuSecond, row?.busy], [100, 200, 0.5]);
});

test("a run without a value gives no ratio that could pass for one", () => {
  const [, bare] = readsRows(
    new Map([
      ["sidecar", []],
      ["bare", [round(1, 1)]],
    ]),
    "sidecar",
  );
  assert.equal(bare?.ratio, Number.NaN);
});

test("rounds another's advantage up, so that no figure in the documents is better than was measured", () => {
  const rows = readsRows(
    new Map([
      ["sidecar", [round(1_000, 1)]],
      ["bare", [round(901, 1)]],
    ]),
    "sidecar",
  );
  assert.match(
    readsTable([{ connections: "kept", process: "warm", rows }]),
    /\| bare \| 901 \| 901 \| 0\.91 \(0\.91–0\.91\) \|/,
  );
  assert.match(variantsTable("identities", [{ of: 8, rows }]), /\| 8 \| 1,000 \| 901 \| 0\.91 \|/);
});

test("shows each kind of memory in MB", () => {
  const memory = [{ server: "sidecar", idle: 16.04, kept: 20, fresh: 28.25, idleClients: 40 }];
  assert.match(memoryTable(memory), /\| sidecar \| 16\.0 \| 20\.0 \| 28\.3 \| 40\.0 \|/);
});

test("says of a part that was never measured that it was not", () => {
  assert.deepEqual([...new Set(Object.values(benchTables({})))], ["Not measured yet."]);
});
