// The names of one source file, and its numeric labels, of which `1b` is the last and `1f` the next.

import { AsmSymbol } from './model.ts';

export class SymbolTable {
  readonly #named = new Map<string, AsmSymbol>();
  readonly #before = new Map<number, AsmSymbol>();
  readonly #after = new Map<number, AsmSymbol>();

  /** In order of appearance; values that a later `.set` replaced are left out. */
  get named(): Iterable<AsmSymbol> {
    return this.#named.values();
  }

  find(name: string): AsmSymbol | undefined {
    return this.#named.get(name);
  }

  /** The symbol of that name, whether or not something defines it. */
  refer(name: string): AsmSymbol {
    const found = this.#named.get(name);
    if (found !== undefined) return found;
    const symbol = new AsmSymbol(name);
    this.#named.set(name, symbol);
    return symbol;
  }

  /** A fresh symbol for a name that has a value already; its properties stay. */
  renew(old: AsmSymbol): AsmSymbol {
    const symbol = new AsmSymbol(old.name);
    symbol.binding = old.binding;
    symbol.type = old.type;
    symbol.size = old.size;
    this.#named.set(old.name, symbol);
    return symbol;
  }

  /** `1:`: what `1f` waited for, and what `1b` means from now on. */
  defineLocal(number: number): AsmSymbol {
    const symbol = this.localAfter(number);
    this.#after.delete(number);
    this.#before.set(number, symbol);
    return symbol;
  }

  localBefore(number: number): AsmSymbol | undefined {
    return this.#before.get(number);
  }

  localAfter(number: number): AsmSymbol {
    const waiting = this.#after.get(number) ?? new AsmSymbol(`${number}f`, true);
    this.#after.set(number, waiting);
    return waiting;
  }
}
