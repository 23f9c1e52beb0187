/** What the documents name exists: files, headings that links lead to, and npm scripts. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);
const read = (url: URL): string => readFileSync(url, "utf8");

const documents = globSync(
  ["*.md", "{.github,acceptance,bench,conformance,deploy,docs,examples,scripts,test}/**/*.md"],
  { cwd: fileURLToPath(root), exclude: (path) => /(?:^|\/)(?:node_modules|build)(?:\/|$)/.test(path) },
);

/** As GitHub makes them of a heading. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );

/** Why a link leads nowhere; undefined when it does not. */
function brokenLink(document: string, link: string): string | undefined {
  const target = new URL(link, new URL(document, root));
  if (!existsSync(target)) return `${link}: no such file`;
  if (target.hash === "" || statSync(target).isDirectory()) return undefined;
  return anchorsOf(read(target)).includes(target.hash.slice(1)) ? undefined : `${link}: no such heading`;
}

suite("Every relative link leads to a file and a heading", () => {
  for (const document of documents) {
    test(document, () => {
      const text = read(new URL(document, root)).replaceAll(/```[\s\S]*?```/g, "");
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
      const relative = links.filter((link) => !/^[a-z]+:/.test(link));
      assert.deepEqual(
        relative.flatMap((link) => brokenLink(document, link) ?? []),
        [],
      );
    });
  }
});

/** A path in code quotes: it begins with a folder of the repository, and has no placeholder. */
const PATH = /`((?:src|test|docs|deploy|examples|conformance|acceptance|bench|scripts|\.github|\.ci)\/[\w./-]+)`/g;

suite("Every file in code quotes exists", () => {
  for (const document of [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    ...documents.filter((d) => /^docs\//.test(d)),
  ]) {
    test(document, () => {
      const paths = [...read(new URL(document, root)).matchAll(PATH)].map(([, path = ""]) => path);
      assert.deepEqual(
        paths.filter((path) => !existsSync(new URL(path, root))),
        [],
      );
    });
  }

  test("the floor plan of CONTRIBUTING.md has every room of src, and no other", () => {
    const [, plan = ""] = /```text\nsrc\/\n([\s\S]*?)\ntest\//.exec(read(new URL("CONTRIBUTING.md", root))) ?? [];
    const rooms = [...plan.matchAll(/^ {2}(\w+)\/ /gm)].map(([, room]) => room);
    const real = globSync("src/*/", { cwd: fileURLToPath(root) }).map((path) => path.split("/")[1]);
    assert.deepEqual(rooms.sort(), real.sort());
  });
});

suite("Every npm script that a document names exists", () => {
  const { scripts } = JSON.parse(read(new URL("package.json", root)));

  for (const document of documents) {
    test(document, () => {
      const named = [...read(new URL(document, root)).matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)];
      assert.deepEqual(
        named.map(([, name = ""]) => name).filter((name) => !Object.hasOwn(scripts, name)),
        [],
      );
    });
  }
});
