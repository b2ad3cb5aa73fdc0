// The names of the registers, by file: x0 to x31 and f0 to f31, and what the calling convention calls them.
// Left out: vector registers.

/** A register file: integers, or floating point. */
export type RegisterFile = 'x' | 'f';

export const ABI_NAMES: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');
export const FLOAT_ABI_NAMES: readonly string[] =
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11'.split(
    ' ',
  );
/** The calling convention's names, by file and number. */
export const NAMES_OF: Readonly<Record<RegisterFile, readonly string[]>> = { x: ABI_NAMES, f: FLOAT_ABI_NAMES };

const numbersOf = (file: RegisterFile) =>
  new Map<string, number>([
    ...NAMES_OF[file].map((name, number) => [name, number] as const),
    ...NAMES_OF[file].map((_, number) => [`${file}${number}`, number] as const),
  ]);
const numbers: Readonly<Record<RegisterFile, ReadonlyMap<string, number>>> = {
  x: numbersOf('x').set('fp', ABI_NAMES.indexOf('s0')),
  f: numbersOf('f'),
};

/** The number of a register by either name, or undefined. */
export function registerNumber(name: string, file: RegisterFile = 'x'): number | undefined {
  return numbers[file].get(name);
}
