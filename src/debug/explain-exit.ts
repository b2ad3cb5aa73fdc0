// An exit told to someone who has not met one: what trapped, why it had to, what the monitor changed of the virtual
// CPU, and what the definition that it ran says. The definition's sentences are read off the definition itself.
// Left out: what an exit cost, which only its host knows.

import { fieldsOfWord } from '../../isa/assignments.ts';
import { causeName } from '../../isa/causes.ts';
import { decode } from '../../isa/decode.ts';
import { explain } from '../../isa/explain.ts';
import { inEach, type Language, type Told } from '../../isa/language.ts';
import { WORD, WORD_NAMES, X0 } from '../../isa/layout.ts';
import { type Recording, recordDefinition, recordInstruction } from '../../isa/recorder.ts';
import { ABI_NAMES } from '../../isa/registers.ts';
import { enterTrap } from '../../isa/trap.ts';
import { disassemble } from '../asm/disassemble.ts';
import type { ExitReason } from '../hypervisor/reason.ts';
import { INTERRUPTED, REASONS, TRAP_ENTRY, TRAPPED, type Trapped } from './exit-texts.ts';

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
  readonly what: Told;
  readonly why: Told;
  readonly did: Told;
  readonly changes: readonly Change[];
  /** The name of the definition that was run on the virtual CPU, and what it says. */
  readonly definition?: { readonly title: Told; readonly text: Told };
}

export function explainExit(exit: SeenExit): Explanation {
  const { reason } = exit;
  const definition = definitionOf(exit);
  return {
    reason,
    what: inEach((language) => what(exit, language)),
    why: inEach((language) => REASONS[language][reason].why),
    did: inEach((language) => REASONS[language][reason].did),
    changes: changes(exit),
    ...(definition && { definition }),
  };
}

const MODES = ['U', 'S', '?', 'M'];
const mode = (words: BigUint64Array) => MODES[Number(words[WORD.mode])];
const hexadecimal = (value: bigint) => `0x${value.toString(16)}`;

function what(exit: SeenExit, language: Language): string {
  const { before, cause, tval } = exit;
  const trapped: Trapped = {
    text: instructionText(exit),
    pc: hexadecimal(before[WORD.pc] as bigint),
    mode: mode(before) ?? '',
    cause: causeName(cause, language),
    manualCause: causeName(cause),
    tval: tval === 0n ? undefined : hexadecimal(tval),
  };
  return (exit.reason === 'interrupt' ? INTERRUPTED : TRAPPED)[language](trapped);
}

function instructionText({ instruction, before }: SeenExit): string | undefined {
  if (instruction === undefined) return undefined;
  return disassemble(instruction, before[WORD.pc] as bigint, { aliases: true }).text.replace('\t', ' ');
}

/** Reasons for which the virtual CPU enters a trap. */
const ENTERS: readonly ExitReason[] = ['ecall', 'page-fault', 'illegal', 'breakpoint', 'interrupt', 'other-injected'];

function definitionOf({ reason, instruction }: SeenExit): Explanation['definition'] {
  if (ENTERS.includes(reason)) return told(TRAP_ENTRY, recordDefinition(enterTrap));
  const decoded = instruction === undefined ? undefined : decode(instruction);
  if (decoded === undefined || reason === 'sbi') return undefined;
  const { name } = decoded.instruction;
  return told({ en: name, ko: name }, recordInstruction(decoded.instruction, decoded.fields));
}
const told = (title: Told, recording: Recording) => ({
  title,
  text: inEach((language) => explain(recording, language)),
});

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
