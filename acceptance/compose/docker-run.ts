/** The `docker run` of a README, read as a shell would read it. */

export interface DockerRun {
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly volume: string | undefined;
  readonly publish: string;
  readonly memory: string | undefined;
  /** Flags that stand alone. */
  readonly flags: readonly string[];
}

type Variables = Readonly<Record<string, string>>;

/** The command between the markers `<!-- docker run -->`, in a shell that has these variables. */
export function dockerRun(readme: string, variables: Variables): DockerRun {
  const [, command] = /<!-- docker run -->\n```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  const words = (command ?? "").replaceAll("\\\n", " ").trim().split(/\s+/).map(expand(variables));
  if (words.shift() !== "docker" || words.shift() !== "run") throw new Error("the README has no docker run");
  const image = words.pop() ?? "";
  const { options, flags } = sort(words);
  const [memory] = flags.filter((flag) => flag.startsWith("--memory="));
  return {
    image,
    environment: Object.fromEntries((options["--env"] ?? []).map((one) => assignment(one, variables))),
    user: options["--user"]?.[0],
    volume: options["--volume"]?.[0],
    publish: options["--publish"]?.[0] ?? "",
    memory: memory?.replace("--memory=", ""),
    flags: flags.filter((flag) => flag !== memory),
  };
}

/**
 * The application's `docker run` between the markers `<!-- env-file -->`: the commands before it, which write the file, and
 * what follows the name of its image.
 */
export function envFileRun(readme: string): {
  readonly writes: string;
  readonly file: string;
  readonly command: readonly string[];
} {
  const [, block = ""] = /<!-- env-file -->\n```sh\n([\s\S]*?)```/.exec(readme) ?? [];
  const [writes = "", run = ""] = block.replaceAll("\\\n", " ").split(/^docker run /m);
  const { options, rest } = wordsOf(run);
  if (options["--network"] !== "container:credentials") throw new Error("it does not share the sidecar's loopback");
  return { writes, file: options["--env-file"] ?? "", command: rest.slice(1) };
}

function wordsOf(run: string): {
  readonly options: Readonly<Record<string, string>>;
  readonly rest: readonly string[];
} {
  const words = run.trim().split(/\s+/);
  const options: Record<string, string> = {};
  while (words[0]?.startsWith("--")) {
    const option = words.shift() ?? "";
    if (option !== "--rm") options[option] = words.shift() ?? "";
  }
  return { options, rest: words };
}

/** As docker reads it: one `NAME=value` a line, nothing quoted. */
export function readEnvFile(text: string): Variables {
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => assignment(line, {})),
  );
}

const expand = (variables: Variables) => (word: string) =>
  word.replaceAll('"', "").replace(/\$(\w+)/g, (_, name: string) => variables[name] ?? "");

/** `NAME=value`, or `NAME` alone, which takes the shell's value. */
function assignment(text: string, variables: Variables): readonly [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name, text.includes("=") ? value.join("=") : (variables[name] ?? "")];
}

const TAKES_VALUE = ["--env", "--user", "--volume", "--publish", "--name"];

function sort(words: readonly string[]): { options: Record<string, string[]>; flags: string[] } {
  const options: Record<string, string[]> = {};
  const flags: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!TAKES_VALUE.includes(word)) {
      flags.push(word);
      continue;
    }
    index += 1;
    options[word] = [...(options[word] ?? []), words[index] ?? ""];
  }
  return { options, flags };
}
