// An exit told to someone who has not met one: what trapped, why it had to, what the monitor changed of the virtual
// CPU, and what the definition that it ran says. The definition's sentences are read off the definition itself.
// Left out: what an exit cost, which only its host knows.

import { fieldsOfWord } from '../../isa/assignments.ts';
import { causeName } from '../../isa/causes.ts';
import { decode } from '../../isa/decode.ts';
import { explain } from '../../isa/explain.ts';
import { WORD, WORD_NAMES, X0 } from '../../isa/layout.ts';
import { recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { ABI_NAMES } from '../../isa/registers.ts';
import { enterTrap } from '../../isa/trap.ts';
import { disassemble } from '../asm/disassemble.ts';
import type { ExitReason } from '../hypervisor/reason.ts';

/** An exit as it was seen: the words of the virtual CPU around it, and what the hardware reported. */
export interface SeenExit {
  readonly reason: ExitReason;
  readonly before: BigUint64Array;
  readonly after: BigUint64Array;
  readonly instruction: number | undefined;
  readonly cause: bigint;
  readonly tval: bigint;
}

export interface Change {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

export interface Explanation {
  readonly reason: ExitReason;
  readonly what: string;
  readonly why: string;
  readonly did: string;
  readonly changes: readonly Change[];
  /** The name of the definition that was run on the virtual CPU, and what it says. */
  readonly definition?: { readonly title: string; readonly text: string };
}

interface Told {
  /** Why the guest could not go on by itself. */
  readonly why: string;
  readonly did: string;
}

const TOLD: Readonly<Record<ExitReason, Told>> = {
  csr: {
    why: 'A control register tells or changes how the machine is set up. The real one is the monitor’s; the guest has one of its own, so the access must not reach the hardware.',
    did: 'It ran the same instruction on the virtual CPU, whose registers it read and wrote.',
  },
  xret: {
    why: 'A return from a trap changes the privilege mode. The guest is in U-mode whatever it believes, so the mode that changes is the virtual one.',
    did: 'It ran the return on the virtual CPU, and chose the shadow page tables of the mode that the guest is now in.',
  },
  wfi: {
    why: 'Waiting would stop the real hart, which other guests share.',
    did: 'It noted that this virtual CPU waits, and gives the hart to whoever has work.',
  },
  fence: {
    why: 'The fence orders address translations, and those that the hardware makes come from shadow tables that the guest does not know.',
    did: 'Nothing is stale: each store to a page table was seen when it was made. Only the instruction’s own effects are left.',
  },
  'cache-block': {
    why: 'Whether a mode may operate on cache blocks is the guest’s to say, in registers of its own; for real U-mode it is always forbidden.',
    did: 'It ran the operation on the virtual CPU, by the rights that the guest’s registers and page tables give.',
  },
  ecall: {
    why: 'A call enters a higher mode: the guest’s own kernel or firmware, which is virtual.',
    did: 'It entered the trap on the virtual CPU as the hardware would have: cause, address, mode, vector.',
  },
  sbi: {
    why: 'The guest’s kernel called its firmware, and there is none: the platform’s SBI answers.',
    did: 'It carried out the call for this virtual machine alone and returned behind it.',
  },
  mmio: {
    why: 'The address is a device’s. The real machine has no devices: this one is the virtual machine’s.',
    did: 'It ran the load or store on the virtual CPU, with the virtual device at the other end.',
  },
  memory: {
    why: 'The shadow withholds this page, because the guest’s protection covers it in part or another mode’s rights apply.',
    did: 'It ran the access on the virtual CPU, which checks the guest’s own rules.',
  },
  'shadow-fill': {
    why: 'A hidden fault: the guest’s own tables allow the access, and the shadow did not have the translation yet.',
    did: 'It walked the guest’s tables, wrote the translation into the shadow, and the instruction starts again. The guest sees nothing of this, and no step passes.',
  },
  'page-fault': {
    why: 'A true fault: the guest’s own page tables do not allow the access.',
    did: 'It entered the page fault on the virtual CPU: the guest’s kernel takes it as it would on hardware.',
  },
  'page-table-write': {
    why: 'The guest stores to one of its page tables. What the shadow derived from the old entry must go first.',
    did: 'It erased the shadow entries that came from there, then made the store.',
  },
  misaligned: {
    why: 'The address is not a multiple of what the access needs.',
    did: 'It ran the access on the virtual CPU, which decides as the definition says.',
  },
  illegal: {
    why: 'The guest may not run this in its virtual mode, or it is no instruction at all.',
    did: 'It entered the illegal-instruction exception on the virtual CPU.',
  },
  breakpoint: {
    why: 'The guest executed a breakpoint, which is an exception like any other.',
    did: 'It entered the breakpoint exception on the virtual CPU.',
  },
  interrupt: {
    why: 'A virtual device or timer asks for attention, and the virtual CPU has this interrupt enabled.',
    did: 'It entered the interrupt on the virtual CPU before the guest’s next instruction.',
  },
  'other-injected': {
    why: 'The access or fetch fails by the guest’s own rules: nothing is there, or its protection forbids it.',
    did: 'It entered the exception on the virtual CPU.',
  },
};

export function explainExit(exit: SeenExit): Explanation {
  const { reason } = exit;
  const definition = definitionOf(exit);
  return { reason, what: what(exit), ...TOLD[reason], changes: changes(exit), ...(definition && { definition }) };
}

const MODES = ['U', 'S', '?', 'M'];
const mode = (words: BigUint64Array) => MODES[Number(words[WORD.mode])];
const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

function what(exit: SeenExit): string {
  const { before, cause, tval } = exit;
  const pc = before[WORD.pc] as bigint;
  const at = `at ${hexadecimal(pc)}, in virtual ${mode(before)}`;
  if (exit.reason === 'interrupt') return `${causeName(cause)} before the instruction ${at}.`;
  const text = instructionText(exit);
  const reported = `The hardware reported: ${causeName(cause)}${tval === 0n ? '' : `, ${hexadecimal(tval)}`}.`;
  return `${text === undefined ? 'The fetch' : `\`${text}\``} ${at}, trapped. ${reported}`;
}

function instructionText({ instruction, before }: SeenExit): string | undefined {
  if (instruction === undefined) return undefined;
  return disassemble(instruction, before[WORD.pc] as bigint, { aliases: true }).text.replace('\t', ' ');
}

/** Reasons for which the virtual CPU enters a trap. */
const ENTERS: readonly ExitReason[] = ['ecall', 'page-fault', 'illegal', 'breakpoint', 'interrupt', 'other-injected'];

function definitionOf({ reason, instruction }: SeenExit): Explanation['definition'] {
  if (ENTERS.includes(reason)) return { title: 'trap entry', text: explain(recordDefinition(enterTrap)) };
  const decoded = instruction === undefined ? undefined : decode(instruction);
  if (decoded === undefined || reason === 'sbi') return undefined;
  return { title: decoded.instruction.name, text: explain(recordInstruction(decoded.instruction, decoded.fields)) };
}

/** Words that change at every step. */
const SILENT = new Set<number>([WORD.steps, WORD.retired, WORD.stepsInU, WORD.stepsInS, WORD.stepsInM]);

function changes({ before, after }: SeenExit): Change[] {
  const found: Change[] = [];
  for (const [index, now] of after.entries()) {
    const then = before[index] as bigint;
    if (then === now || SILENT.has(index)) continue;
    const name = ABI_NAMES[index - X0] ?? WORD_NAMES[index] ?? '';
    if (index === WORD.mode) found.push({ name, before: `${mode(before)}`, after: `${mode(after)}` });
    else found.push(...changesOfWord(index, name, then, now));
  }
  return found;
}

/** Field by field, where the word has fields and they tell all. */
function changesOfWord(index: number, name: string, then: bigint, now: bigint): Change[] {
  const changed = fieldsOfWord(index).filter(({ mask }) => (then & mask) !== (now & mask));
  const covered = changed.reduce((bits, { mask }) => bits | mask, 0n);
  if (changed.length === 0 || ((then ^ now) & ~covered) !== 0n)
    return [{ name, before: hexadecimal(then), after: hexadecimal(now) }];
  return changed.map(({ name: field, mask, shift }) => ({
    name: `${name}.${field}`,
    before: hexadecimal((then & mask) >> shift),
    after: hexadecimal((now & mask) >> shift),
  }));
}
