// What a value was when it was last shown, to mark what is new: by a name that is its own on the whole page.

export class Changes {
  private readonly last = new Map<string, bigint>();

  /** @returns what it was; the value itself where it was never shown. */
  since(name: string, value: bigint): bigint {
    const before = this.last.get(name) ?? value;
    this.last.set(name, value);
    return before;
  }
}
