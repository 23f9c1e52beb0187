/** The names in section headers such as `[profile "my app"]`, split as a POSIX shell would (botocore uses `shlex`). Pure. */

/** A blank, a text in double or single quotes, an escaped character, or plain text. */
const TOKEN = /(?<blank>\s+)|"(?<double>(?:\\.|[^"\\])*)"|'(?<single>[^']*)'|\\(?<escaped>.)|(?<plain>[^\s"'\\]+)/gsy;

/** The words of `text`, or undefined when a quotation is not closed. */
export function shellWords(text: string): readonly string[] | undefined {
  const words: string[] = [];
  let end = 0;
  let open = false;
  for (const { groups = {}, index, 0: token } of text.matchAll(TOKEN)) {
    end = index + token.length;
    if (groups.blank !== undefined) {
      open = false;
      continue;
    }
    const part = groups.double?.replace(/\\(["\\])/g, "$1") ?? groups.single ?? groups.escaped ?? groups.plain ?? "";
    words.push(open ? `${words.pop()}${part}` : part);
    open = true;
  }
  return end === text.length ? words : undefined;
}

/** The name in a header of two words whose first is `kind`, such as `profile app`. */
export function nameAfter(kind: string, header: string): string | undefined {
  const words = shellWords(header);
  return words?.length === 2 && words[0] === kind ? words[1] : undefined;
}
