// The names of the integer registers: x0 to x31 and what the calling convention calls them.
// Floating-point registers come with F and D.

export const ABI_NAMES: readonly string[] =
  'zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6'.split(' ');

const numbers = new Map<string, number>([
  ...ABI_NAMES.map((name, number) => [name, number] as const),
  ...ABI_NAMES.map((_, number) => [`x${number}`, number] as const),
  ['fp', ABI_NAMES.indexOf('s0')],
]);

/** The number of a register by either name, or undefined. */
export function registerNumber(name: string): number | undefined {
  return numbers.get(name);
}
