/** The picture of the replayed incident. */
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { draw } from "../../../conformance/incident/picture.ts";
import { type Figure, setUps } from "../../../conformance/incident/summary.ts";

const figures: readonly Figure[] = [1, 3].flatMap((atOnce) =>
  setUps.map((setUp) => ({
    setUp,
    atOnce,
    runs: 5,
    p50Ms: setUp === "straight" ? 100 * atOnce : 20,
    p99Ms: setUp === "straight" ? 400 : 30,
    perSecond: 50,
    requests: 1_000,
    upstreamCalls: { static: 0, straight: 2_000, sidecar: 3 }[setUp],
  })),
);
const picture = draw(figures, "2026-01-01");

interface Rect {
  readonly kind: string;
  readonly x: number;
  readonly width: number;
}

const rects: readonly Rect[] = [
  ...picture.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)" height="[\d.]+"/g),
].map(([, kind = "", x, width]) => ({ kind, x: Number(x), width: Number(width) }));

suite("the picture", () => {
  test("draws p50 to one scale, with a line from there to p99", () => {
    const [shorter, shortLine, longer, longLine] = rects.filter(({ kind }) => kind === "straight");
    assert.ok(shorter && shortLine && longer && longLine);
    const tolerance = 0.2;
    assert.ok(Math.abs(longer.width - 3 * shorter.width) < tolerance);
    assert.ok(Math.abs(shortLine.width - 3 * shorter.width) < tolerance);
    assert.ok(Math.abs(shortLine.x - (shorter.x + shorter.width)) < tolerance);
    assert.ok(Math.abs(longLine.x + longLine.width - (shortLine.x + shortLine.width)) < tolerance);
  });

  test("says how many times slower straight is, and what it asks of upstream", () => {
    assert.deepEqual(
      [...picture.matchAll(/class="times"[^>]*>([^<]+)</g)].map(([, times]) => times),
      ["5.0×", "15.0×"],
    );
    for (const calls of ["0", "2.0", "0.003"]) assert.equal(picture.split(`>${calls}</text>`).length - 1, 2, calls);
  });

  test("stays inside its edges", () => {
    const width = Number(/viewBox="0 0 (\d+) /.exec(picture)?.[1]);
    assert.ok(rects.length > 0 && rects.every((rect) => rect.x > 0 && rect.x + rect.width < width));
  });

  test("tells those who do not see it every figure", () => {
    const described = /<desc id="desc">([^<]+)<\/desc>/.exec(picture)?.[1];
    assert.match(described ?? "", /straight to the upstream, three requests at once: p50 300 ms, p99 400 ms\./);
    assert.equal(described?.match(/p50/g)?.length, figures.length);
    assert.match(picture, /role="img" aria-labelledby="title desc">\s*<title id="title">[^<]+</);
  });

  test("has colours for light and for dark, and needs nothing from elsewhere", () => {
    assert.match(picture, /@media \(prefers-color-scheme: dark\) \{/);
    assert.doesNotMatch(picture.replace('xmlns="http://www.w3.org/2000/svg"', ""), /https?:|url\(|href|<script|<image/);
  });

  test("closes every element", () => {
    const open: string[] = [];
    for (const [, closing, name = "", empty] of picture.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)) {
      if (closing === "/") assert.equal(open.pop(), name);
      else if (empty !== "/") open.push(name);
    }
    assert.deepEqual(open, []);
  });
});
