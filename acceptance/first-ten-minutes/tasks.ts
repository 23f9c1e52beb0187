/** The tasks of docs/first-ten-minutes.md: their commands, and what the document says that they print. Pure. */

export interface Task {
  readonly title: string;
  readonly commands: string;
  /** Undefined where the document does not say. */
  readonly prints: string | undefined;
}

/** One for each heading, and one for what stands before the first. */
export function tasksOf(document: string): readonly Task[] {
  const [introduction = "", ...sections] = document.split(/^## /m);
  return [`introduction\n${introduction}`, ...sections].map((section) => {
    const [title = ""] = section.split("\n", 1);
    const blocks = (kind: string) =>
      [...section.matchAll(new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);
    const [prints, ...more] = blocks("text");
    const commands = blocks("sh");
    if (commands.length !== 1 || more.length > 0)
      throw new Error(`${title} needs one block of commands and one of text`);
    return { title, commands: commands.join(""), prints };
  });
}

/** The lines that are not printed, in their order; a `…` stands for anything. */
export function missing(output: string, prints: string): readonly string[] {
  const lines = output.split("\n");
  return prints
    .trimEnd()
    .split("\n")
    .filter((line) => {
      const pattern = new RegExp(`^${line.split("…").map(RegExp.escape).join(".*")}$`);
      const found = lines.findIndex((printed) => pattern.test(printed));
      lines.splice(0, found + 1);
      return found === -1;
    });
}
