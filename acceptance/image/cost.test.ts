/** The cost per pod that README states. */
import assert from "node:assert/strict";
import { before, suite, test } from "node:test";
import { median } from "../../bench/figures.ts";
import { type BuiltImage, buildImage } from "./built-image.ts";
import { costOf, startsOf, type Upstream } from "./cost.ts";

let built: BuiltImage;
before(async () => {
  built = await buildImage();
});

const upstreams = ["web-identity", "container"] satisfies Upstream[];

suite("in a container limited as the manifests say, with a real upstream", () => {
  for (const upstream of upstreams) {
    test(`${upstream}: at most 24 MiB idle and 40 MiB under a flood of 64 connections, and is never killed`, async () => {
      const { idle, file, flooded, answered, killed } = await costOf(built, upstream);
      const mib = (value: number) => `${value.toFixed(1)} MiB`;
      console.log(
        `${upstream}: idle ${mib(idle)} (and ${mib(file)} of files, shared), flooded ${mib(flooded.kept)} over kept connections, ${mib(flooded.new)} over new ones`,
      );
      assert.ok(idle <= 24, "idle");
      assert.ok(flooded.kept <= 40, "over kept connections");
      assert.ok(flooded.new <= 40, "over new connections");
      assert.equal(killed, 0);
      assert.ok(answered.kept >= 60_000 && answered.new >= 30_000, "every read was answered");
    });
  }

  for (const upstream of upstreams) {
    test(`${upstream}: its start is told beside a bare server's`, async () => {
      const { bare, sidecar } = await startsOf(built, upstream, 9);
      const theirs = median(bare.map(({ ready }) => ready));
      const beside = (ms: number) => `after ${Math.round(ms)} ms (${(ms / theirs).toFixed(2)})`;
      const ours = {
        listens: median(sidecar.map(({ started }) => started)),
        ready: median(sidecar.map(({ ready }) => ready)),
      };
      console.log(
        `${upstream}: listens ${beside(ours.listens)}, ready ${beside(ours.ready)}, a bare server ${beside(theirs)}`,
      );
      assert.ok(theirs > 0);
      assert.equal(sidecar.length, 9);
    });
  }
});
