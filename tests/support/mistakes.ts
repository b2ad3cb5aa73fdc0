// Mistakes of our own code that a test makes on purpose: a method, a definition's body or a row's column is replaced
// until the test has ended. tests/hypervisor/mutation-list.test.ts says which mistakes there must be, and that each has
// a test that fails. Left out: mistakes at a step of a run, which are plant.ts's.

import { afterEach } from 'vitest';

const undo: (() => void)[] = [];
/** Makes all right again; a file that makes mistakes calls it once. */
export function mendAfterEach(): void {
  afterEach(() => {
    for (const mend of undo.splice(0).reverse()) mend();
  });
}

/**
 * Replaces a property, private and inherited ones too.
 * @param make from what is there, which is undefined where that is computed, what is to be there.
 */
// biome-ignore lint/suspicious/noExplicitAny: a mistake reaches into what its types protect
export function plant(target: object, name: string, make: (original: any) => unknown): void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  const value = make(own?.get === undefined ? Reflect.get(target, name) : undefined);
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  undo.push(() => {
    if (own === undefined) Reflect.deleteProperty(target, name);
    else Object.defineProperty(target, name, own);
  });
}
