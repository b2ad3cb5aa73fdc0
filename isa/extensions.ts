// The extensions of the instruction set that the machine has, and those of them that it can do without: each is a bit
// of a hart's `extensions` word, and what belongs to one is illegal, or absent, where its bit is clear. Names and order
// are the unprivileged manual's ("ISA Extension Naming Conventions"); the order is that of an ISA string.
// Left out: versions, and extensions of which the machine has nothing.

/** Single letters, then those with Z by the letter after it, then those with S. */
const NAMES = [
  'I',
  'M',
  'A',
  'F',
  'D',
  'C',
  'Zicbom',
  'Zicboz',
  'Zicntr',
  'Zicond',
  'Zicsr',
  'Zifencei',
  'Zihintpause',
  'Zihpm',
  'Zba',
  'Zbb',
  'Zbs',
  'Sstc',
  'Sv39',
  'Sv48',
  'Svade',
  'Svadu',
  'Svinval',
] as const;

/** What a definition belongs to; what the privileged architecture itself has is never left out. */
export type Extension = (typeof NAMES)[number] | 'Privileged';
export type ExtensionName = Exclude<Extension, 'Privileged'>;

/** In the order of an ISA string. */
export const EXTENSIONS: readonly ExtensionName[] = NAMES;

/**
 * What every hart has. Without C a jump to an odd halfword would be misaligned, which no definition says; the rest is
 * what the privileged architecture is built on.
 */
export const REQUIRED: readonly ExtensionName[] = ['I', 'C', 'Zicntr', 'Zicsr', 'Zihpm', 'Sv39'];
/** What an extension needs. */
export const IMPLIED: Readonly<Partial<Record<ExtensionName, readonly ExtensionName[]>>> = {
  F: ['Zicsr'],
  D: ['F'],
};
/** Names that stand for several. */
export const COLLECTIONS: Readonly<Record<string, readonly ExtensionName[]>> = {
  g: ['I', 'M', 'A', 'F', 'D', 'Zicsr', 'Zifencei'],
  b: ['Zba', 'Zbb', 'Zbs'],
};

/** By name, the number of its bit in the `extensions` word. */
export const EXTENSION_BITS = Object.fromEntries(NAMES.map((name, bit) => [name, bit])) as Readonly<
  Record<ExtensionName, number>
>;

export const extensionBit = (name: Extension): number => (name === 'Privileged' ? 0 : 2 ** EXTENSION_BITS[name]);
export const extensionBits = (names: readonly Extension[]): bigint =>
  names.reduce((bits, name) => bits | BigInt(extensionBit(name)), 0n);
export const hasExtension = (bits: bigint, name: ExtensionName): boolean =>
  ((bits >> BigInt(EXTENSION_BITS[name])) & 1n) === 1n;

/** Everything that there is, but Svade, which would keep harts from updating accessed and dirty bits at reset. */
export const DEFAULT_EXTENSIONS = extensionBits(EXTENSIONS.filter((name) => name !== 'Svade'));

const XLEN_64 = 2n << 62n;
const FIRST_LETTER = 'A'.charCodeAt(0);
/** misa of a hart: the base's width and a bit for each letter, with S and U for its modes (norm:misa_extensions_enc_tbl). */
export function misaOf(bits: bigint): bigint {
  const has = (names: readonly ExtensionName[] | undefined) =>
    names?.every((name) => hasExtension(bits, name)) === true;
  const letters = NAMES.filter((name) => name.length === 1 && hasExtension(bits, name));
  return [...letters, 'S', 'U', ...(has(COLLECTIONS['b']) ? ['B'] : [])].reduce(
    (misa, letter) => misa | (1n << BigInt(letter.charCodeAt(0) - FIRST_LETTER)),
    XLEN_64,
  );
}
