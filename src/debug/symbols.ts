// Addresses as people read them: the nearest symbol below, and how far behind it.

export interface Symbol {
  readonly name: string;
  readonly value: bigint;
}

/** Beyond this distance from a symbol an address has nothing to do with it. */
const REACH = 0x10_0000n;

export class SymbolTable {
  private readonly symbols: readonly Symbol[];

  constructor(symbols: Iterable<Symbol>) {
    this.symbols = [...symbols].toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  }

  /** Where the symbol of this name is. */
  address(name: string): bigint | undefined {
    return this.symbols.find((symbol) => symbol.name === name)?.value;
  }

  /** The nearest symbol at or below an address; undefined where none is near. */
  nearest(address: bigint): Symbol | undefined {
    let low = 0;
    let high = this.symbols.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.symbols[middle] as Symbol).value <= address) low = middle + 1;
      else high = middle;
    }
    const nearest = this.symbols[low - 1];
    return nearest === undefined || address - nearest.value > REACH ? undefined : nearest;
  }

  /** `main`, `main+0x10`, or undefined where no symbol is near. */
  describe(address: bigint): string | undefined {
    const nearest = this.nearest(address);
    if (nearest === undefined) return undefined;
    const distance = address - nearest.value;
    return distance === 0n ? nearest.name : `${nearest.name}+0x${distance.toString(16)}`;
  }
}
