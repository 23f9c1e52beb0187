/** The command line of `conformance/run`. Pure. */
import { parseArgs } from "node:util";

export interface Options {
  /** Undefined: every client, every scenario. */
  readonly only: readonly string[] | undefined;
  readonly scenarios: readonly string[] | undefined;
  readonly all: boolean;
  readonly list: boolean;
  /** The newest release of each client instead of the pinned one; nothing is recorded. */
  readonly newest: boolean;
}

export const usage = `conformance/run [--only NAME[,NAME]] [--scenario ID[,ID]] [--all] [--newest] [--list]

  --only      these clients; every client when it is not given
  --scenario  these scenarios, by id or number; every scenario when it is not given
  --all       the full set: a simulated day for each client, every session length, 1,000 requests everywhere
  --newest    the newest release of each client instead of the pinned one: reports what it does otherwise, records nothing
  --list      the clients and scenarios there are
`;

/** A wrong command line; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        scenario: { type: "string" },
        all: { type: "boolean", default: false },
        newest: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
      },
    });
    const { only, scenario, ...switches } = values;
    return { only: words(only), scenarios: words(scenario), ...switches };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usage}`);
  }
}

function words(text: string | undefined): readonly string[] | undefined {
  return text?.split(",").map((word) => word.trim());
}

/** Those that were asked for, in their own order. Names that nothing has are a {@link UsageError}. */
export function choose<T>(
  what: string,
  asked: readonly string[] | undefined,
  from: ReadonlyMap<string, T>,
): readonly T[] {
  const unknown = asked?.filter((name) => !from.has(name)) ?? [];
  if (unknown.length > 0) {
    throw new UsageError(`no ${what} is called ${unknown.join(", ")}; there are ${[...from.keys()].join(", ")}\n`);
  }
  return [...from].filter(([name]) => asked?.includes(name) ?? true).map(([, one]) => one);
}
