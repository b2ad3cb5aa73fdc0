// The name that was probably meant: the nearest by edit distance, where one is near.

/** A word may differ in a third of its letters, and in no more than this many. */
const FARTHEST = 2;
const LETTERS_PER_EDIT = 3;
/** Longer names are not mistyped but generated. */
const LONGEST = 64;

export function nearest(word: string, names: Iterable<string>): string | undefined {
  if (word.length > LONGEST) return undefined;
  let best: string | undefined;
  let least = Math.min(FARTHEST, Math.max(1, Math.floor(word.length / LETTERS_PER_EDIT))) + 1;
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least || name === word) continue;
    const edits = distance(word, name);
    if (edits < least) [best, least] = [name, edits];
  }
  return best;
}

/** "did you mean 'addi'?", or nothing. */
export function suggestion(word: string, names: Iterable<string>): string | undefined {
  const name = nearest(word, names);
  return name === undefined ? undefined : `did you mean '${name}'?`;
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word of the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(
        (row[j] as number) + 1,
        (next[j - 1] as number) + 1,
        (row[j - 1] as number) + (same ? 0 : 1),
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, (before[j - 2] as number) + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length] as number;
}
