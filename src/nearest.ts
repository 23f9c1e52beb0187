/** "Did you mean": the known word that is nearest to one that was typed. Pure. */

/** A word of so many letters may have one mistake; a longer one may have one for every so many. */
const LETTERS_PER_MISTAKE = 3;

/** Longer words are no typing mistakes, and comparing them would take long. */
const LONGEST = 64;

/**
 * The one of `known` that takes the fewest insertions, deletions, substitutions and swaps of neighbours to become `word`,
 * if they are few for its length, or the only one that begins with `word`; undefined when none is near. Upper and lower
 * case, and `_` and `-`, count as equal. Of two that are as near, the longer one: letters are left out more often than added.
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > LONGEST) return undefined;
  const typed = plain(word);
  const mistakes = known.map((name) => ({ name, count: distance(typed, plain(name)) }));
  const [best] = mistakes.sort((one, other) => one.count - other.count || other.name.length - one.name.length);
  if (
    best !== undefined &&
    best.count <= Math.floor(Math.max(typed.length, LETTERS_PER_MISTAKE) / LETTERS_PER_MISTAKE)
  ) {
    return best.name;
  }
  const longer = known.filter((name) => typed.length >= LETTERS_PER_MISTAKE && plain(name).startsWith(typed));
  return longer.length === 1 ? longer[0] : undefined;
}

/** Completes a message: `; did you mean X?`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll("_", "-");
}

/** The Damerau–Levenshtein distance, with each pair of neighbours swapped once at most. */
function distance(from: string, to: string): number {
  let [beforeLast, last]: readonly number[][] = [[], Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last ?? [], current];
  }
  return at(last, to.length);
}

function at(row: readonly number[] | undefined, column: number): number {
  return row?.[column] ?? Number.POSITIVE_INFINITY;
}
