/** Reads the cases of test/http/corpus; its README says how they are written. */
import { readdirSync, readFileSync } from "node:fs";

export interface ExpectedAnswer {
  readonly status: number;
  readonly credentials: boolean;
}

/** What becomes of the connection; `closed after end` when the server waits for more and we end our half. */
export type Ending = "open" | "closed" | "closed after end";

export interface CorpusCase {
  readonly name: string;
  readonly bytes: Buffer;
  readonly answers: readonly ExpectedAnswer[];
  readonly ending: Ending;
}

const folder = new URL("../http/corpus/", import.meta.url);

/** Every case of every file, with `session` where a case asks for an IMDS session. */
export function readCorpus(session: string): readonly CorpusCase[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".http"));
  return files.sort().flatMap((file) => readFile(file, session));
}

function readFile(file: string, session: string): readonly CorpusCase[] {
  const text = readFileSync(new URL(file, folder), "utf8");
  const [, ...cases] = text.replace(/^#.*\n/gm, "").split(/^== /m);
  return cases.map((one) => readCase(one, file, session));
}

function readCase(text: string, file: string, session: string): CorpusCase {
  const [name = "", ...lines] = text.trimEnd().split("\n");
  const outcome = lines.pop() ?? "";
  const where = `${file}: ${name}`;
  if (!outcome.startsWith("=> ")) throw new Error(`${where}: no outcome`);
  const words = outcome.slice(3).split(", ");
  const ending = words.pop();
  if (ending !== "open" && ending !== "closed" && ending !== "closed after end") {
    throw new Error(`${where}: how does it end?`);
  }
  const answers = words.map((word) => readAnswer(word, where));
  return { name: where, bytes: readBytes(lines.join(""), session, where), answers, ending };
}

function readAnswer(word: string, where: string): ExpectedAnswer {
  const [, status, credentials] = /^(\d{3})( credentials)?$/.exec(word) ?? [];
  if (status === undefined) throw new Error(`${where}: what is ${word}?`);
  return { status: Number(status), credentials: credentials !== undefined };
}

const ESCAPE =
  /\\(?:(?<byte>x[\da-f]{2})|(?<letter>[rnt0\\])|\{(?<repeated>[^*}]+)\*(?<times>\d+)\}|(?<session>\{session\})|(?<bad>.?))/g;
const letters: Readonly<Record<string, string>> = { r: "\r", n: "\n", t: "\t", 0: "\0", "\\": "\\" };

function readBytes(text: string, session: string, where: string): Buffer {
  const plain = text.replace(ESCAPE, (...match) => {
    const { byte, letter, repeated, times, session: wanted } = match.at(-1) as Record<string, string | undefined>;
    if (byte !== undefined) return String.fromCharCode(Number(`0${byte}`));
    if (letter !== undefined) return letters[letter] ?? "";
    if (repeated !== undefined) return readBytes(repeated, session, where).toString("latin1").repeat(Number(times));
    if (wanted !== undefined) return session;
    throw new Error(`${where}: what is ${match[0]}?`);
  });
  return Buffer.from(plain, "latin1");
}
