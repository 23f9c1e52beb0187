/** The manifest lines of docs/audit.md put the pod and its service account into the call of STS. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { environmentOf, type Variable } from "../support/downward-api.ts";
import { defaultUpstream, fetchOnce } from "../support/identities.ts";
import { textOf } from "../support/monitoring.ts";
import { nockSts, prepareSts } from "../support/nock-sts.ts";
import { stsAnswer, stsSession } from "../support/sts-answers.ts";

const [, manifest = ""] = /```yaml\n(env:.*?)```/s.exec(textOf("docs/audit.md")) ?? [];
const lines: readonly Variable[] = parse(manifest).env;

test("AssumeRole carries the pod as session name and tags, and the service account as source identity", async (t) => {
  const { flags } = prepareSts(t, "AssumeRole", environmentOf(lines));
  const calls = nockSts(t, () => stsAnswer("AssumeRole", stsSession()));
  await fetchOnce(defaultUpstream(flags));
  const { RoleSessionName, SourceIdentity, ...rest } = calls[0]?.form ?? {};
  assert.deepEqual([RoleSessionName, SourceIdentity], ["orders-7d9f8b6c5-x2x4q", "orders@shop"]);
  const tags = [1, 2].map((n) => [rest[`Tags.member.${n}.Key`], rest[`Tags.member.${n}.Value`]]);
  assert.deepEqual(tags, [
    ["pod", "orders-7d9f8b6c5-x2x4q"],
    ["namespace", "shop"],
  ]);
});

test("AssumeRoleWithWebIdentity carries the pod as session name", async (t) => {
  const taken = lines.filter(({ name }) => !["SIDECAR_SOURCE_IDENTITY", "SIDECAR_SESSION_TAGS"].includes(name));
  const { flags } = prepareSts(t, "AssumeRoleWithWebIdentity", environmentOf(taken));
  const calls = nockSts(t, () => stsAnswer("AssumeRoleWithWebIdentity", stsSession()));
  await fetchOnce(defaultUpstream(flags));
  assert.equal(calls[0]?.form.RoleSessionName, "orders-7d9f8b6c5-x2x4q");
});

test("a reference that Kubernetes could not follow is refused, by name", () => {
  const reversed = resolveSettings([], environmentOf([...lines].reverse()));
  assert.ok(reversed.kind === "problems");
  const names = ["SIDECAR_ROLE_SESSION_NAME", "SIDECAR_SOURCE_IDENTITY", "SIDECAR_SESSION_TAGS"];
  assert.deepEqual(
    reversed.problems.map(({ code, message }) => [code, message.split(":")[0]]).sort(),
    names.map((name) => ["BadValue", name]).sort(),
  );
});

test("a pod's name that is too long for STS is refused", () => {
  const { kind } = resolveSettings([], { SIDECAR_ROLE_SESSION_NAME: "p".repeat(65) });
  assert.equal(kind, "problems");
});
