// Where logs and traces are written, as far as they must know: a text that has an end. Whoever finds it full writes nothing
// more but its last words, for which there is always room. Left out: where the text goes.

export interface BoundedText {
  /** There was no room for something. */
  readonly isFull: boolean;
  /** @returns whether there was room for it. Where there was none, none of it is written, and nothing later. */
  write(text: string): boolean;
  /** Writes what closes it, whether it is full or not; short. */
  last(text: string): void;
}

/** A size, in words that its option understands. */
export const sizeText = (bytes: number): string => {
  const unit = UNITS.findLast(([, size]) => bytes % size === 0);
  return unit === undefined ? `${bytes}` : `${bytes / unit[1]}${unit[0]}`;
};
const UNITS: readonly (readonly [string, number])[] = [
  ['K', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
];
