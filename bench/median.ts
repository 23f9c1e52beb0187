/** What the bench found, against what is promised. Pure. */

/** How a figure is judged; `limit` in the unit of the figure. */
export type Target =
  | { readonly kind: "at-least" | "at-most"; readonly ratio: number }
  | { readonly kind: "above-by-at-most"; readonly limit: number }
  | { readonly kind: "times-and"; readonly ratio: number; readonly plus: number }
  | { readonly kind: "exactly"; readonly value: number }
  | { readonly kind: "none" };

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One value per round; a round's two values were measured one after the other. */
  readonly bare: readonly number[];
  readonly sidecar: readonly number[];
  readonly target: Target;
}

export interface Row {
  readonly figure: string;
  readonly bare: string;
  readonly sidecar: string;
  readonly ratio: string;
  readonly target: string;
  readonly met: "yes" | "NO" | "–";
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - ((sorted.length + 1) % 2)], sorted[middle]];
  return (low + high) / 2;
}

/** The median of the rounds' ratios: what else the machine did in a round slowed both of its values. */
function ratioOf({ bare, sidecar }: Figure): number {
  return median(sidecar.map((value, round) => value / (bare[round] ?? Number.NaN)));
}

export function rowOf(figure: Figure): Row {
  const { name, unit, bare, sidecar, target } = figure;
  const ratio = ratioOf(figure);
  return {
    figure: `${name} (${unit})`,
    bare: bare.length === 0 ? "–" : show(median(bare)),
    sidecar: show(median(sidecar)),
    ratio: Number.isNaN(ratio) ? "–" : ratio.toFixed(2),
    target: showTarget(figure),
    met: target.kind === "none" ? "–" : isMet(figure) ? "yes" : "NO",
  };
}

function isMet(figure: Figure): boolean {
  const { bare, sidecar, target } = figure;
  switch (target.kind) {
    case "at-least":
      return ratioOf(figure) >= target.ratio;
    case "at-most":
      return ratioOf(figure) <= target.ratio;
    case "above-by-at-most":
      return median(sidecar) - median(bare) <= target.limit;
    case "times-and":
      return median(sidecar) <= median(bare) * target.ratio + target.plus;
    case "exactly":
      return sidecar.length > 0 && sidecar.every((value) => value === target.value);
    case "none":
      return true;
  }
}

function showTarget({ bare, target }: Figure): string {
  switch (target.kind) {
    case "at-least":
      return `ratio ≥ ${target.ratio}`;
    case "at-most":
      return `ratio ≤ ${target.ratio}`;
    case "above-by-at-most":
      return `≤ bare + ${target.limit}`;
    case "times-and":
      return `≤ ${target.ratio} × bare + ${target.plus} = ${show(median(bare) * target.ratio + target.plus)}`;
    case "exactly":
      return `= ${target.value}`;
    case "none":
      return "–";
  }
}

function show(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  return value >= 1_000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

export function table(rows: readonly Row[]): string {
  const columns = ["figure", "bare", "sidecar", "ratio", "target", "met"] as const;
  const header = Object.fromEntries(columns.map((column) => [column, column])) as unknown as Row;
  const width = (column: keyof Row) => Math.max(...[header, ...rows].map((row) => row[column].length));
  const line = (row: Row) => columns.map((column) => row[column].padEnd(width(column))).join("  ");
  const rule = columns.map((column) => "─".repeat(width(column))).join("  ");
  return [line(header), rule, ...rows.map(line)].join("\n");
}
