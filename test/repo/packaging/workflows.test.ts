import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { isMap, parseDocument, visit } from "yaml";

const folder = new URL("../../../.github/workflows/", import.meta.url);
/** What a workflow may ask for as a whole; each job adds what it needs. */
const HARMLESS = [{}, { contents: "read" }];

/** Every `uses:` of a workflow, with the comment behind it. */
function usesOf(text: string): readonly { readonly action: string; readonly comment: string }[] {
  const found: { action: string; comment: string }[] = [];
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (String(key) !== "uses") return;
      const { value: action, comment } = value as { value: string; comment?: string };
      found.push({ action, comment: comment?.trim() ?? "" });
    },
  });
  return found;
}

/** A commit cannot be moved, a tag can; the comment tells people, and whoever updates it, which version it is. */
function isPinned({ action, comment }: { readonly action: string; readonly comment: string }): boolean {
  const ours = action.startsWith("./");
  return ours || (/^[\w.-]+(?:\/[\w.-]+)+@[\da-f]{40}$/.test(action) && /^v\d+\.\d+\.\d+$/.test(comment));
}

for (const file of readdirSync(folder)) {
  suite(`the workflow ${file}`, () => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const workflow = parseDocument(text).toJS();

    test("pins every action by commit, and says its version", () => {
      const uses = usesOf(text);
      assert.ok(uses.length > 0);
      assert.deepEqual(
        uses.filter((use) => !isPinned(use)),
        [],
      );
    });

    test("may do nothing but read, unless a job says what for", () => {
      assert.ok(
        HARMLESS.some((allowed) => JSON.stringify(allowed) === JSON.stringify(workflow.permissions)),
        `permissions at the top: ${JSON.stringify(workflow.permissions)}`,
      );
      const granted = writesOf(text);
      assert.deepEqual(
        granted.filter(({ reason }) => reason === ""),
        [],
      );
    });

    test("leaves no token in the checkout", () => {
      const steps = Object.values<{ steps?: readonly Step[] }>(workflow.jobs).flatMap((job) => job.steps ?? []);
      const checkouts = steps.filter(({ uses = "" }) => uses.startsWith("actions/checkout@"));
      for (const step of checkouts) assert.equal(step.with?.["persist-credentials"], false);
    });

    test("keeps what others choose (a tag, a title) out of its scripts", () => {
      const scripts: string[] = [];
      visit(parseDocument(text), {
        Pair: (_, { key, value }) => void (String(key) === "run" && scripts.push(String(value))),
      });
      assert.deepEqual(
        scripts.filter((script) => script.includes("${{")),
        [],
      );
    });
  });
}

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** Each permission to write, with the comment that says what for. */
function writesOf(text: string): readonly { readonly permission: string; readonly reason: string }[] {
  const found: { permission: string; reason: string }[] = [];
  visit(parseDocument(text), {
    Pair(_, { key, value }) {
      if (String(key) !== "permissions" || !isMap(value)) return;
      for (const { key: permission, value: level } of value.items) {
        const { value: granted, comment } = level as { value: string; comment?: string };
        if (granted !== "read") found.push({ permission: String(permission), reason: comment?.trim() ?? "" });
      }
    },
  });
  return found;
}

test("takes an action by tag, by short commit or without its version for unpinned", () => {
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const unpinned = ["a/b@v1", "a/b@main", `a/b@${commit.slice(0, 12)} # v1.0.0`, `a/b@${commit}`, "docker://a:1"];
  for (const uses of unpinned) assert.deepEqual(usesOf(`steps:\n  - uses: ${uses}\n`).map(isPinned), [false], uses);
  assert.deepEqual(usesOf(`steps:\n  - uses: a/b/c@${commit} # v1.0.0\n`).map(isPinned), [true]);
});
