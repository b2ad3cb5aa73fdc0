// What an instruction is to a region, told from its recording: whether it can be a part of one at all, and how control
// goes on from it. What a region's locals and constants stand for (mode, spaces, counters) no instruction in it may
// change or read.

import type { Decoded } from '../../../../isa/decode.ts';
import type { Expr } from '../../../../isa/expression.ts';
import { inputs, parts } from '../../../../isa/expression.ts';
import { isFloating, UNIT_READY } from '../../../../isa/floating.ts';
import { WORD } from '../../../../isa/layout.ts';
import { type Recording, recordInstruction } from '../../../../isa/recorder.ts';
import { type Node, nodesOf } from '../../../../isa/tree.ts';

/** `core`: only the core can do it. */
export type Role = 'plain' | 'branch' | 'jump' | 'computed' | 'raise' | 'core';

/** Words that an instruction may write without anything else following from it. */
const PLAIN_WORDS = new Set([
  WORD.mscratch,
  WORD.sscratch,
  WORD.mepc,
  WORD.sepc,
  WORD.mcause,
  WORD.scause,
  WORD.mtval,
  WORD.stval,
  WORD.mtvec,
  WORD.stvec,
]);
const COUNTERS = new Set([WORD.steps, WORD.retired]);
const PLAIN_EVENTS = new Set(['load', 'store', 'loadReserved', 'storeConditional', 'amo', 'fence', 'float']);

const roles = new WeakMap<Recording, Role>();

/** Of floating point, what is recorded is for a unit in use that rounds to nearest; blocks look first (floating.ts). */
export function recordingOf({ instruction, fields }: Decoded): Recording {
  return recordInstruction(instruction, fields, isFloating(instruction) ? UNIT_READY : undefined);
}

export function roleOf(decoded: Decoded): Role {
  const recording = recordingOf(decoded);
  const known = roles.get(recording);
  if (known !== undefined) return known;
  const role = find(decoded, recording);
  roles.set(recording, role);
  return role;
}

function find({ instruction }: Decoded, { tree }: Recording): Role {
  const nodes = nodesOf(tree);
  if (!nodes.every(isPlain)) return 'core';
  const ends = nodes.flatMap((node) => (node.kind === 'leaf' ? [node.end] : []));
  if (ends.every((end) => end.kind !== 'done')) return 'raise';
  const jumps = ends.filter((end) => end.kind === 'done' && end.writes.some(({ word }) => word === WORD.pc));
  if (jumps.length === 0) return 'plain';
  if (!instruction.pcRelative) return 'computed';
  return jumps.length === ends.length ? 'jump' : 'branch';
}

function isPlain(node: Node): boolean {
  if (node.kind === 'if') return readsPlain(node.question);
  if (node.kind === 'event') return PLAIN_EVENTS.has(node.event.kind) && inputs(node.event).every(readsPlain);
  const { end } = node;
  if (end.kind === 'pass') return false;
  if (end.kind === 'raise') return readsPlain(end.tval);
  const values = end.writes.map(({ value }) => value);
  return (
    end.writes.every(({ word }) => word === WORD.pc || PLAIN_WORDS.has(word)) &&
    [...values, ...(end.result === undefined ? [] : [end.result])].every(readsPlain)
  );
}

function readsPlain(e: Expr): boolean {
  if (e.kind === 'time' || e.kind === 'ask' || e.kind === 'isMemory' || e.kind === 'failed') return false;
  if (e.kind === 'word') return !COUNTERS.has(e.index);
  return parts(e).every(readsPlain);
}

/** Whether a tree has one path but for faults, which leave by themselves. */
export function isStraight(tree: Node): boolean {
  for (let node = tree; ; ) {
    if (node.kind === 'leaf') return true;
    if (node.kind === 'if') return false;
    node = node.next;
  }
}
