// The registers that GDB sees, as its target description names them: the standard features of RISC-V (cpu, fpu, csr;
// "Debugging with GDB", appendix G.5.11), and `virtual`, which tells of a virtual CPU what no register of a real one
// would: its believed mode, and the root of its shadow page tables.

import { CSRS } from '../../../isa/csrs.ts';
import { WORD } from '../../../isa/layout.ts';
import { ABI_NAMES } from '../../../isa/registers.ts';
import { EXIT_REASONS } from '../../hypervisor/reason.ts';

export interface Register {
  readonly name: string;
  readonly number: number;
  readonly bits: 32 | 64;
  /** Where its value is: a word of the state, a CSR, or what no register of a real hart tells. */
  readonly source:
    | { readonly word: number }
    | { readonly csr: number }
    | { readonly special: 'privilege' | 'shadow-root' | 'exit' };
  readonly type?: string;
}

const REGISTERS = 32;
const PC = 32;
/** GDB's own number of CSR 0. */
const FIRST_CSR = 65;
const FIRST_F = 33;
/** Behind all CSRs. */
const FIRST_SPECIAL = FIRST_CSR + 4096;
const EXIT_TYPE = 'exit_reason';
const FLOATING_CSRS = new Set(['fflags', 'frm', 'fcsr']);

const cpu: readonly Register[] = [
  ...ABI_NAMES.map(
    (name, index): Register => ({
      name,
      number: index,
      bits: 64,
      source: { word: index },
      ...(name === 'sp' || name === 'gp' || name === 'tp' ? { type: 'data_ptr' } : {}),
    }),
  ),
  { name: 'pc', number: PC, bits: 64, source: { word: WORD.pc }, type: 'code_ptr' },
];

const FLOATING_NAMES =
  'ft0 ft1 ft2 ft3 ft4 ft5 ft6 ft7 fs0 fs1 fa0 fa1 fa2 fa3 fa4 fa5 fa6 fa7 fs2 fs3 fs4 fs5 fs6 fs7 fs8 fs9 fs10 fs11 ft8 ft9 ft10 ft11';
const floating = FLOATING_NAMES.split(' ').map(
  (name, index): Register => ({
    name,
    number: FIRST_F + index,
    bits: 64,
    source: { word: REGISTERS + index },
    type: 'ieee_double',
  }),
);
const csrs = CSRS.map(
  ({ name, number }): Register => ({ name, number: FIRST_CSR + number, bits: 64, source: { csr: number } }),
);
const hasFloating = csrs.some(({ name }) => FLOATING_CSRS.has(name));

const CSR = 'org.gnu.gdb.riscv.csr';
const VIRTUAL = 'org.gnu.gdb.riscv.virtual';
const FEATURES: readonly (readonly [name: string, registers: readonly Register[]])[] = [
  ['org.gnu.gdb.riscv.cpu', cpu],
  ...(hasFloating
    ? [
        [
          'org.gnu.gdb.riscv.fpu',
          [
            ...floating,
            ...csrs.filter(({ name }) => FLOATING_CSRS.has(name)).map((csr): Register => ({ ...csr, bits: 32 })),
          ],
        ] as const,
      ]
    : []),
  [CSR, csrs.filter(({ name }) => !FLOATING_CSRS.has(name))],
  [
    VIRTUAL,
    [
      { name: 'priv', number: FIRST_SPECIAL, bits: 64, source: { special: 'privilege' } },
      { name: 'shadow_root', number: FIRST_SPECIAL + 1, bits: 64, source: { special: 'shadow-root' } },
      { name: 'exit_reason', number: FIRST_SPECIAL + 2, bits: 64, source: { special: 'exit' }, type: EXIT_TYPE },
    ],
  ],
];

/** All that the `g` packet holds; GDB asks for the others one by one. */
export const GENERAL: readonly Register[] = cpu;

const byNumber = new Map(FEATURES.flatMap(([, registers]) => registers.map((register) => [register.number, register])));
export const registerOf = (number: number): Register | undefined => byNumber.get(number);

/**
 * The description of a hart. Its OS ABI is none: for one of Linux, GDB would step by breakpoints that it plants behind
 * the instruction, and so run past trap handlers.
 */
export function targetDescription(): string {
  const features = FEATURES.map(([name, registers]) => {
    const lines = registers.map(({ name: register, number, bits, type }) => {
      const typed = type === undefined ? '' : ` type="${type}"`;
      const group = name === CSR ? ' group="csr"' : name === VIRTUAL ? ' group="virtual"' : '';
      return `    <reg name="${register}" bitsize="${bits}" regnum="${number}"${typed}${group}/>`;
    });
    const types = name === VIRTUAL ? [exitReasons()] : [];
    return `  <feature name="${name}">\n${[...types, ...lines].join('\n')}\n  </feature>`;
  });
  return `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
  <architecture>riscv:rv64</architecture>
  <osabi>none</osabi>
${features.join('\n')}
</target>
`;
}

/** Why a guest left for the monitor, as an enumeration; the number behind the last is none. */
function exitReasons(): string {
  const values = [...EXIT_REASONS, 'none'].map(
    (reason, index) => `      <evalue name="${reason.replaceAll('-', '_')}" value="${index}"/>`,
  );
  return `    <enum id="${EXIT_TYPE}" size="8">\n${values.join('\n')}\n    </enum>`;
}
