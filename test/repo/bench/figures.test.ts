import assert from "node:assert/strict";
import { test } from "node:test";
import { type Figure, median, rowOf } from "../../../bench/figures.ts";

type Case = readonly [target: Figure["target"], bare: readonly number[], sidecar: readonly number[], met: string];

const cases: readonly Case[] = [
  [{ kind: "at-least", ratio: 0.85 }, [100], [85], "yes"],
  [{ kind: "at-least", ratio: 0.85 }, [100], [84], "NO"],
  [{ kind: "at-most", ratio: 1.3 }, [10], [13], "yes"],
  [{ kind: "at-most", ratio: 1.3 }, [10], [14], "NO"],
  [{ kind: "above-by-at-most", limit: 8 }, [16], [24], "yes"],
  [{ kind: "above-by-at-most", limit: 8 }, [16], [25], "NO"],
  [{ kind: "times-and", ratio: 1.6, plus: 80 }, [50], [160], "yes"],
  [{ kind: "times-and", ratio: 1.6, plus: 80 }, [50], [161], "NO"],
  [{ kind: "exactly", value: 1 }, [], [1], "yes"],
  [{ kind: "exactly", value: 1 }, [], [2], "NO"],
  [{ kind: "none" }, [1], [1_000], "–"],
  // The machine was busy from the middle of the second round: the ratio of the medians would be 0.09.
  [{ kind: "at-least", ratio: 0.85 }, [100, 100, 10], [90, 9, 9], "yes"],
  // Nothing was measured: that is not a target met.
  [{ kind: "at-least", ratio: 0.85 }, [], [], "NO"],
  [{ kind: "at-most", ratio: 1.3 }, [], [], "NO"],
  [{ kind: "exactly", value: 1 }, [], [], "NO"],
];

for (const [target, bare, sidecar, met] of cases) {
  test(`says ${met} for ${JSON.stringify({ target, bare, sidecar })}`, () => {
    assert.equal(rowOf({ name: "figure", unit: "ms", bare, sidecar, target }).met, met);
  });
}

test("takes the middle of an odd number of values, and the mean of the two in the middle of an even one", () => {
  assert.equal(median([3, 100, 1]), 3);
  assert.equal(median([4, 1, 2, 100]), 3);
});
