/** The failure classes as docs/operations.md lists them. Pure. */
import { escaped, table } from "../../conformance/harness/markdown.ts";
import { failureKinds } from "../../src/upstream/failure.ts";
import { classOf } from "../../src/upstream/failure-classes.ts";

export function failuresTable(): string {
  const lines = failureKinds.map((kind) => {
    const { example, isFinal, remedy } = classOf(kind);
    const text = typeof remedy === "string" ? remedy : remedy({});
    return [`\`${kind}\``, escaped(example), isFinal ? "final" : "passing", escaped(text)];
  });
  return table(["class", "a real answer that causes it", "", "remedy"], lines);
}
