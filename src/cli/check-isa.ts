// `trapeze check-isa`: Popek and Goldberg's condition, found by execution. With `--mutate` the machine is broken first,
// as x86 was: the check names the culprit, and a guest that runs bare and virtual shows what a monitor makes of it.

import { assemble } from '../asm/assemble.ts';
import { MUTATIONS, type Mutation, mutate } from '../debug/check-isa/mutations.ts';
import { checkIsa, isaText } from '../debug/check-isa/report.ts';
import { SymbolTable } from '../debug/symbols.ts';
import { ConsoleInput } from '../devices/console-input.ts';
import { boot } from '../platform/boot.ts';
import { loadImage } from '../platform/image.ts';
import { bareSystem, type GuestSpec, virtualSystem } from '../session/system.ts';
import { type Side, verify } from '../session/verify.ts';
import { badUsage, ExitCode } from './failure.ts';
import { type Compared, verdictData, verdictText } from './verdict.ts';

interface CheckIsaOptions {
  readonly mutate?: string;
  readonly json?: boolean;
}

const LIST = 'list';
const RAM_BYTES = 0x20_0000;
const LIMIT = 1_000_000;

export function checkIsaCommand({ mutate: name, json }: CheckIsaOptions): void {
  if (name === LIST) {
    const width = Math.max(...MUTATIONS.map((mutation) => mutation.name.length));
    const lines = MUTATIONS.map((mutation) => `${mutation.name.padEnd(width)}  ${titleOf(mutation)}`);
    process.stdout.write(json ? `${JSON.stringify(MUTATIONS.map(listed), null, 2)}\n` : `${lines.join('\n')}\n`);
    return;
  }
  const mutation = MUTATIONS.find((each) => each.name === name);
  if (name !== undefined && mutation === undefined) {
    throw badUsage(`check-isa: there is no mutation '${name}'; \`trapeze check-isa --mutate ${LIST}\` names them`);
  }
  const mend = mutation && mutate(mutation);
  const report = checkIsa();
  const shown = mutation && show(mutation);
  mend?.();
  const document = { ...report, ...(mutation && { mutation: listed(mutation) }), ...(shown && { guest: shown.data }) };
  const text = [
    isaText(report),
    ...(shown ? ['', `On this machine (${mutation && titleOf(mutation)}):`, shown.text] : []),
  ];
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : `${text.join('\n')}\n`);
  process.exitCode = report.holds ? ExitCode.Done : ExitCode.CheckFailed;
}

const listed = ({ name, title, x86 }: Mutation) => ({ name, title, ...(x86 !== undefined && { x86 }) });
const titleOf = ({ title, x86 }: Mutation) => (x86 === undefined ? title : `${title}; on x86: ${x86}`);

/** Runs the mutation's guest bare and virtual on the machine as it is now. */
function show(mutation: Mutation): { text: string; data: object } {
  const sides = sidesOf(mutation);
  const verdict = verify(sides, LIMIT);
  const compared: Compared = { name: `a guest that uses ${what(mutation)}`, symbols: imageOf(mutation).symbols, sides };
  return { text: verdictText(compared, verdict), data: verdictData(compared, verdict) };
}

/** The mutation's guest, bare and virtual. Only the reference engine executes definitions as they are now. */
export function sidesOf(mutation: Mutation): readonly [Side, Side] {
  const engine = 'reference';
  return [
    { name: 'bare', make: (output) => bareSystem(specOf(mutation, output), { engine }) },
    { name: 'virtual', make: (output) => virtualSystem([specOf(mutation, output)], { engine, shadow: 'trace' }) },
  ];
}

const what = ({ csr, culprits }: Mutation) => csr ?? culprits.join(', ');

function imageOf(mutation: Mutation) {
  const text = `
_start:
${mutation.guest}
broken: li      t1, 0x13333             # the test finisher: fail
        j       1f
        .balign 4
sound:  li      t1, 0x5555              # pass
1:      li      t0, 0x100000
        sw      t1, 0(t0)
        j       1b
`;
  const { image } = assemble([{ name: `${mutation.name}.s`, text }], {});
  const loaded = image && loadImage(image.elf, { behindFirmware: false });
  if (!loaded?.ok) throw new Error(`the guest of ${mutation.name} is none`);
  return { image: loaded.image, symbols: new SymbolTable(loaded.image.symbols) };
}

function specOf(mutation: Mutation, output: (byte: number) => void): GuestSpec {
  const { image } = imageOf(mutation);
  const { mode = 's' } = mutation;
  return {
    name: mutation.name,
    ramBytes: RAM_BYTES,
    harts: 1,
    firmware: mode === 'm' ? 'own' : 'sbi',
    input: ConsoleInput.script(new Uint8Array()),
    output,
    install: (board) => {
      const booted = boot(board, { image, mode });
      if (!booted.ok) throw new Error(booted.message);
    },
  };
}
