// Small numbers for long keys: equal keys have equal numbers while they are remembered. A guest can make any number
// of keys, so they are all forgotten now and then; a number is never given twice, so what was filed under a forgotten
// one is found no more, and its owner evicts it in time.

/** Keys that are remembered at once. */
const LIMIT = 1024;

export class Numbering {
  private readonly numbers = new Map<string, number>();
  private next = 0;

  of(key: string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    if (this.numbers.size >= LIMIT) this.numbers.clear();
    const number = this.next++;
    this.numbers.set(key, number);
    return number;
  }
}
