// All instructions that the machine has, for the tools that go through them: decoder, assembler, tests.
// Adding an extension means adding its file's list here.

import type { CompressedInstruction, Instruction } from './definition.ts';
import { rv64a } from './rv64a.ts';
import { rv64c } from './rv64c.ts';
import { rv64d } from './rv64d.ts';
import { rv64f } from './rv64f.ts';
import { rv64i } from './rv64i.ts';
import { rv64m } from './rv64m.ts';
import { svinval } from './svinval.ts';
import { system } from './system.ts';
import { zba } from './zba.ts';
import { zbb } from './zbb.ts';
import { zbs } from './zbs.ts';
import { zicbom, zicboz } from './zicbo.ts';
import { zicond } from './zicond.ts';
import { zicsr, zifencei } from './zicsr.ts';

export const INSTRUCTIONS: readonly Instruction[] = [
  ...rv64i,
  ...rv64m,
  ...rv64a,
  ...rv64f,
  ...rv64d,
  ...zicsr,
  ...zifencei,
  ...system,
  ...zba,
  ...zbb,
  ...zbs,
  ...zicond,
  ...zicbom,
  ...zicboz,
  ...svinval,
];
export const COMPRESSED: readonly CompressedInstruction[] = rv64c;

export const byName: ReadonlyMap<string, Instruction | CompressedInstruction> = new Map(
  [...INSTRUCTIONS, ...COMPRESSED].map((instruction) => [instruction.name, instruction]),
);
