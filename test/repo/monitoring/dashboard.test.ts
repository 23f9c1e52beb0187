import assert from "node:assert/strict";
import { test } from "node:test";
import { type Panel, panels, textOf } from "../../support/monitoring.ts";

const overlap = ({ gridPos: a }: Panel, { gridPos: b }: Panel) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

test("every panel has a place of its own in the grid of 24 columns, and an id of its own", () => {
  for (const [index, panel] of panels.entries()) {
    const { x, w } = panel.gridPos;
    assert.ok(x >= 0 && w > 0 && x + w <= 24, panel.title);
    for (const other of panels.slice(index + 1)) assert.ok(!overlap(panel, other), `${panel.title}, ${other.title}`);
  }
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
});

test("every panel says what it shows, and asks the data source that its reader has chosen", () => {
  for (const { title, description, datasource, targets } of panels) {
    assert.ok(title !== "" && description.endsWith("."), title);
    assert.ok(targets.length > 0 && new Set(targets.map(({ refId }) => refId)).size === targets.length, title);
    for (const { uid } of [datasource, ...targets.map((target) => target.datasource)])
      assert.match(uid, /^\$\{datasource\}$/);
  }
});

test("the dashboard uses the variables that it declares, and no others", () => {
  const text = textOf("deploy/monitoring/dashboard.json");
  const declared = JSON.parse(text).templating.list.map(({ name }: { readonly name: string }) => name);
  const used = [...text.matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name);
  assert.deepEqual([...new Set(used)].sort(), [...declared].sort());
});
