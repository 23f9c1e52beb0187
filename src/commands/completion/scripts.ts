/** The completions of bash, zsh and fish. Pure. */
import { PROGRAM } from "../help.ts";
import type { shells } from "../table.ts";
import { type Command, completedCommands, type Flag } from "./words.ts";

export function completionScript(shell: (typeof shells)[number]): string {
  return { bash, zsh, fish }[shell]();
}

const names = completedCommands.map(({ name }) => name).join(" ");
const allFlags = [
  ...new Map(completedCommands.flatMap(({ flags }) => flags).map((flag) => [flag.flag, flag])).values(),
];
const valued = allFlags.filter(({ values }) => values !== undefined);

/** Behind `--` of `exec`, another program's own completion goes on, where it has one. */
function bash(): string {
  return `# bash completion for ${PROGRAM}
_aws_credential_sidecar() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=serve index
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then
      if declare -F _command_offset >/dev/null; then _command_offset $((index + 1)); else mapfile -t COMPREPLY < <(compgen -c -f -- "$word"); fi
      return
    fi
  done
  ((COMP_CWORD > 1)) && [[ \${COMP_WORDS[1]} != -* ]] && command=\${COMP_WORDS[1]}
  case $before in
${valued.map(bashValue).join("")}  esac
  case $command in
${completedCommands.map(bashCommand).join("")}  esac
  ((COMP_CWORD == 1)) && words="${names} $words"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _aws_credential_sidecar ${PROGRAM}
`;
}

function bashValue({ flag, values = [], isPath }: Flag): string {
  const reply = isPath ? 'compgen -f -- "$word"' : `compgen -W "${values.join(" ")}" -- "$word"`;
  return `    ${flag}) mapfile -t COMPREPLY < <(${reply}); return ;;\n`;
}

function bashCommand({ name, flags, words }: Command): string {
  const dashes = name === "exec" ? ["--"] : [];
  return `    ${name}) local words="${[...words, ...flags.map(({ flag }) => flag), ...dashes, "--help"].join(" ")}" ;;\n`;
}

function zsh(): string {
  return `#compdef ${PROGRAM}
_aws_credential_sidecar() {
  local -a commands
  commands=(
${completedCommands.map(({ name, summary }) => `    ${single(`${name}:${zshText(summary)}`)}\n`).join("")}  )
  if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=serve
  if [[ $words[2] != -* ]]; then
    command=$words[2]
    shift words
    ((CURRENT--))
  fi
  case $command in
${completedCommands.map(zshCommand).join("")}  esac
}
if [[ $funcstack[1] == _aws_credential_sidecar ]]; then _aws_credential_sidecar "$@"; else compdef _aws_credential_sidecar ${PROGRAM}; fi
`;
}

function zshCommand({ name, flags, words }: Command): string {
  const rest =
    name === "exec" ? [single("*::program:_normal")] : words.length > 0 ? [single(`1:word:(${words.join(" ")})`)] : [];
  const specs = [...flags.map(zshFlag), ...rest, single("--help[print the help]")];
  return `    ${name}) _arguments ${specs.join(" ")} ;;\n`;
}

function zshFlag({ flag, meaning, values, isPath }: Flag): string {
  const value = isPath ? ":path:_files" : values?.length === 0 ? ":value: " : `:value:(${values?.join(" ")})`;
  return single(`${flag}${values === undefined ? "" : "="}[${zshText(meaning)}]${values === undefined ? "" : value}`);
}

/** Colons and brackets mean something to zsh's functions. */
function zshText(text: string): string {
  return text.replaceAll(":", "\\\\:").replace(/[[\\]]/g, "");
}

function fish(): string {
  const rule = (given: string) => `complete -c ${PROGRAM} ${given}\n`;
  const rows = completedCommands.flatMap(({ name, summary, flags, words }) => [
    rule(`-n __fish_use_subcommand -f -a ${name} -d ${single(summary)}`),
    ...flags.map((flag) => rule(`-n ${single(`__fish_seen_subcommand_from ${name}`)} ${fishFlag(flag)}`)),
    ...(words.length === 0
      ? []
      : [rule(`-n ${single(`__fish_seen_subcommand_from ${name}`)} -f -a ${single(words.join(" "))}`)]),
  ]);
  return `# fish completion for ${PROGRAM}\n${rule("-f")}${rows.join("")}`;
}

function fishFlag({ flag, meaning, values, isPath }: Flag): string {
  const value =
    values === undefined ? "" : isPath ? " -r -F" : values.length === 0 ? " -x" : ` -x -a ${single(values.join(" "))}`;
  return `-l ${flag.slice(2)} -d ${single(meaning)}${value}`;
}

const single = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
