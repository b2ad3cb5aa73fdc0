// Addresses inside each section: how long every branch, padding and gap is. The lengths depend on one another, so they
// are guessed and corrected until nothing changes, in the very order in which GNU as does it, since where several
// solutions exist the order decides which is found.

import type { Instruction } from '../../isa/definition.ts';
import type { Pattern } from '../../isa/pattern.ts';
import { evaluate, evaluateNumber, laidOut, symbolsIn } from './evaluate.ts';
import type { Branch, Fragment, Section } from './model.ts';
import type { Span } from './source.ts';
import type { Unit } from './unit.ts';

const LONG = 4;
const SHORT = 2;
/** Passes after which branches only grow, which ends. GNU as gives up there instead. */
const PATIENCE = 200;
/** Fragments looked at in all: what is not settled then, depends on itself. */
const MOST_VISITS = 2_000_000;
/** Sections may depend on each other's distances. */
const MOST_ROUNDS = 8;

export function layOut(unit: Unit): void {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    let changed = false;
    for (const section of unit.sections.values()) changed = settle(section) || changed;
    if (!changed) break;
  }
  for (const section of unit.sections.values()) check(unit, section);
}

/** Whether any fragment moved. */
function settle(section: Section): boolean {
  const before = section.fragments.map((fragment) => fragment.address);
  let address = 0;
  for (const fragment of section.fragments) {
    fragment.address = address;
    fragment.tailBytes = firstGuess(fragment);
    address += fragment.size;
  }
  const passes = Math.max(PATIENCE, Math.floor(MOST_VISITS / section.fragments.length));
  for (let pass = 0; pass < passes && correct(section.fragments, pass < PATIENCE); pass++);
  return section.fragments.some((fragment, index) => fragment.address !== before[index]);
}

function firstGuess(fragment: Fragment): number {
  const { tail } = fragment;
  switch (tail.kind) {
    case 'fill':
      return fragment.tailBytes;
    case 'align':
      return padding(fragment, tail);
    case 'branch':
      return branchBytes(fragment, tail);
    default:
      return 0;
  }
}

/** One pass over the fragments; whether something changed its length. */
function correct(fragments: readonly Fragment[], mayShrink: boolean): boolean {
  let stretch = 0;
  let changed = false;
  for (const fragment of fragments) {
    fragment.address += stretch;
    const bytes = tailBytes(fragment, mayShrink);
    if (bytes === fragment.tailBytes) continue;
    stretch += bytes - fragment.tailBytes;
    fragment.tailBytes = bytes;
    changed = true;
  }
  return changed;
}

function tailBytes(fragment: Fragment, mayShrink: boolean): number {
  const { tail } = fragment;
  const start = fragment.address + fragment.bytes.length;
  switch (tail.kind) {
    case 'align':
      return padding(fragment, tail);
    case 'branch': {
      const bytes = branchBytes(fragment, tail);
      return mayShrink ? bytes : Math.max(bytes, fragment.tailBytes);
    }
    case 'org':
      return Math.max(0, (originOf(fragment, tail) ?? start) - start);
    case 'space':
      return Math.max(0, bounded(evaluateNumber(tail.count, laidOut)) ?? 0);
    default:
      return fragment.tailBytes;
  }
}

/** No section comes near this; what does is reported as an error. */
const ABSURD = 2 ** 31;

function bounded(value: bigint | undefined): number | undefined {
  return value === undefined || value > ABSURD || value < -ABSURD ? undefined : Number(value);
}

function originOf(fragment: Fragment, tail: { target: Parameters<typeof evaluate>[0] }): number | undefined {
  const value = evaluate(tail.target, laidOut);
  return value?.base === undefined || value.base === fragment.section ? bounded(value?.offset) : undefined;
}

function padding(fragment: Fragment, { boundary, most }: { boundary: number; most: number }): number {
  const start = fragment.address + fragment.bytes.length;
  const bytes = (boundary - (start % boundary)) % boundary;
  return most !== 0 && bytes > most ? 0 : bytes;
}

const isJump = (instruction: Instruction) => instruction.name === 'jal';

/**
 * Length of a branch: 2 or 4 bytes, and for a conditional one 6 or 8, which is its inverse over a jump. What is not in
 * this section may be anywhere, so a conditional branch to it is taken to be far.
 */
function branchBytes(fragment: Fragment, { instruction, compressed, target }: Branch): number {
  const jump = isJump(instruction);
  const far = jump ? LONG : 2 * LONG;
  const value = evaluate(target, laidOut);
  if (value?.base !== fragment.section || isWeak(target)) return far;
  const distance = Number(value.offset) - fragment.address - fragment.bytes.length;
  if (compressed !== undefined && reaches(compressed.instruction.pattern, distance)) return SHORT;
  if (jump || reaches(instruction.pattern, distance)) return LONG;
  return compressed === undefined ? far : SHORT + LONG;
}

function isWeak(target: Branch['target']): boolean {
  return [...symbolsIn(target).keys()].some((symbol) => symbol.binding === 'weak');
}

/** Whether a distance is in the range of a pattern's offset. */
export function reaches(pattern: Pattern, distance: number): boolean {
  const width = pattern.fields.find((field) => field.name === 'imm')?.width ?? 0;
  const reach = 2 ** (width - 1);
  return distance >= -reach && distance < reach;
}

/** What could not be laid out. */
function check(unit: Unit, section: Section): void {
  let bytes = 0;
  for (const fragment of section.fragments) {
    bytes += fragment.size;
    const { tail } = fragment;
    if ('span' in tail && tail.span !== undefined) checkTail(unit, fragment, tail.span);
    if (bytes <= section.limit) continue;
    const message = `section '${section.name}' grows beyond ${section.limit} bytes`;
    if ('span' in tail && tail.span !== undefined) unit.report(tail.span, 'error', message);
    else unit.surroundings.report({ severity: 'error', file: unit.file, message });
    return;
  }
}

function checkTail(unit: Unit, fragment: Fragment, span: Span): void {
  const { tail } = fragment;
  const error = (message: string, hint?: string) => unit.report(span, 'error', message, hint);
  if (tailBytes(fragment, true) !== fragment.tailBytes) error('this has no size: it depends on itself');
  else if (tail.kind === 'align' && tail.fill !== 'nops' && fragment.tailBytes % tail.fill.length !== 0) {
    error(`${fragment.tailBytes} bytes of padding are no multiple of ${tail.fill.length}`);
  } else if (tail.kind === 'org') {
    const origin = originOf(fragment, tail);
    const start = fragment.address + fragment.bytes.length;
    if (origin === undefined) error('.org needs an offset in this section', unit.whyUnknown(tail.target));
    else if (origin < start) error(`.org cannot go back, from ${start} to ${origin}`);
  } else if (tail.kind === 'space') {
    const count = bounded(evaluateNumber(tail.count, laidOut));
    if (count === undefined) error('the size of this space is unknown', unit.whyUnknown(tail.count));
    else if (count < 0) error(`there cannot be ${count} bytes`);
  }
}
