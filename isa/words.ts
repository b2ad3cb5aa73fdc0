// Names for the words of a state block: `m.sepc`, `m.mstatus.SPP = v`, made from the data in layout.ts for any kind
// of value, so that the same notation means a bigint to the reference and a piece of code to the recorder.
// A word with fields reads as a record of them, with `.bits` for the whole; a word without reads as its value.

import { type Bits, FIELDS, type Field, type FieldWord, fieldsOf, WORD, type WordName } from './layout.ts';

/** The fields of a value, and its whole. */
export type Fields<V, Name extends string> = { [F in Name]: V } & { bits: V };

export type WordProperties<V> = { [W in Exclude<WordName, FieldWord>]: V } & {
  readonly [W in FieldWord]: Fields<V, keyof (typeof FIELDS)[W] & string>;
};

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the properties are installed below, from the same data
export abstract class Words<V> {
  abstract word(index: number): V;
  abstract setWord(index: number, value: V): void;
  abstract field(index: number, field: Field): V;
  abstract setField(index: number, field: Field, value: V): void;
}
export interface Words<V> extends WordProperties<V> {}

for (const [name, index] of Object.entries(WORD)) {
  const table = (FIELDS as Partial<Record<string, Record<string, Bits>>>)[name];
  const property: PropertyDescriptor & ThisType<Words<unknown>> = table
    ? fieldRecord(name, index, fieldsOf(table))
    : {
        get() {
          return this.word(index);
        },
        set(value: unknown) {
          this.setWord(index, value);
        },
      };
  Object.defineProperty(Words.prototype, name, property);
}

/** A getter that makes the record of a word's fields on first use and keeps it on the machine itself. */
function fieldRecord(name: string, index: number, fields: Record<string, Field>): PropertyDescriptor {
  return {
    get(this: Words<unknown>) {
      const record = Object.create(null) as object;
      const bits: PropertyDescriptor = {
        get: () => this.word(index),
        set: (value: unknown) => this.setWord(index, value),
      };
      Object.defineProperty(record, 'bits', bits);
      for (const [fieldName, field] of Object.entries(fields)) {
        Object.defineProperty(record, fieldName, {
          get: () => this.field(index, field),
          set: (value: unknown) => this.setField(index, field, value),
        });
      }
      Object.defineProperty(this, name, { value: record });
      return record;
    },
  };
}
