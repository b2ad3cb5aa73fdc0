// Where a form is executed: a hart over a small memory, with code and data at the same virtual addresses whatever the
// scene. `flat` is not translated, so all modes see the same; `here` and `there` are translated, with the same contents
// in different frames, so that what tells them apart depends on where memory is.

import type { GuestPhysical } from '../../../isa/address.ts';
import { Mode, PTE, WORD } from '../../../isa/layout.ts';
import type { Physical } from '../../../isa/physical.ts';
import { Reference } from '../../../isa/reference.ts';
import type { Width } from '../../../isa/vocabulary.ts';
import { OPERANDS } from './forms.ts';

export type SceneName = 'flat' | 'here' | 'there';

const RAM = 0x8000_0000n;
const PAGE = 4096;
const FRAMES = 24;
/** First of the frames of code, data, and three levels of tables; where it is flat, RAM's own. */
const PLACED: Readonly<Record<SceneName, number>> = { flat: 1, here: 8, there: 16 };
const CODE = RAM + BigInt(PLACED.flat * PAGE);
const DATA = CODE + BigInt(PAGE);
const LINE = 64n;
const SV39 = 8n << 60n;
const PPN_SHIFT = 10n;
const PAGE_SHIFT = 12n;
const LEVEL_BITS = 9n;
const LEVEL_MASK = (1n << LEVEL_BITS) - 1n;
const bitsOf = (...bits: readonly number[]) => bits.reduce((mask, bit) => mask | (1n << BigInt(bit)), 0n);
const LEAF = bitsOf(PTE.V, PTE.R, PTE.W, PTE.X, PTE.A, PTE.D);
/** One entry of the PMP that opens all of memory to all modes: NAPOT over everything. */
const OPEN = { config: 0x1fn, address: (1n << 54n) - 1n } as const;
/** Where the float unit is on and clean, mstatus.FS holds this. */
const FS_CLEAN = 2n << 13n;

class Memory implements Physical {
  readonly bytes = new Uint8Array(FRAMES * PAGE);
  private readonly view = new DataView(this.bytes.buffer);
  now = 0n;
  written = false;

  isMemory(address: GuestPhysical, bytes: number): boolean {
    return address >= RAM && address + BigInt(bytes) <= RAM + BigInt(this.bytes.length);
  }
  read(address: GuestPhysical, bytes: Width): bigint | undefined {
    if (!this.isMemory(address, bytes)) return undefined;
    const at = Number(address - RAM);
    let value = 0n;
    for (let i = bytes - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i] as number);
    return value;
  }
  write(address: GuestPhysical, bytes: Width, value: bigint): boolean {
    if (!this.isMemory(address, bytes)) return false;
    const at = Number(address - RAM);
    for (let i = 0; i < bytes; i++) this.bytes[at + i] = Number((value >> BigInt(8 * i)) & 0xffn);
    this.written = true;
    return true;
  }
  time(): bigint {
    return this.now;
  }
  setEntry(frame: number, index: bigint, value: bigint): void {
    this.view.setBigUint64(frame * PAGE + Number(index) * 8, value, true);
  }
}

/** A hart that tells of what has no word: a wait, and a fence of translations. */
class Observed extends Reference {
  waited = false;
  fenced = false;

  override wait(): void {
    this.waited = true;
    super.wait();
  }
  override fence(what: 'instructions' | 'translations'): void {
    this.fenced ||= what === 'translations';
  }
}

export class Scene {
  readonly mode: Mode;
  readonly memory = new Memory();
  readonly hart = new Observed(this.memory);
  private readonly frame: number;
  private readonly words: BigUint64Array;
  private readonly bytes: Uint8Array;

  /** @param seed what registers and the data page are filled from. */
  constructor(scene: SceneName, mode: Mode, seed: number) {
    const { memory, hart } = this;
    this.mode = mode;
    this.frame = PLACED[scene];
    hart.reset(0, CODE);
    hart.mode = BigInt(mode);
    hart.mstatus.bits |= FS_CLEAN;
    hart.setNamed('pmpcfg0', OPEN.config);
    hart.setNamed('pmpaddr0', OPEN.address);
    const random = generator(seed);
    for (let register = 1; register < WORD.pc; register++) hart.setWord(register, random());
    hart.setX(OPERANDS.rs1, DATA + (random() % (BigInt(PAGE / 2) / LINE)) * LINE);
    for (let i = 0; i < PAGE; i++) memory.bytes[(this.frame + 1) * PAGE + i] = Number(random() & 0xffn);
    if (scene !== 'flat') this.map(mode);
    this.words = hart.words.slice();
    this.bytes = memory.bytes.slice();
  }

  /** Three levels of tables behind code and data, for U or for S. */
  private map(mode: Mode): void {
    const { memory, frame, hart } = this;
    const [root, middle, leaves] = [frame + 2, frame + 3, frame + 4];
    const number = (to: number) => (RAM >> PAGE_SHIFT) + BigInt(to);
    const index = (address: bigint, level: bigint) => (address >> (PAGE_SHIFT + LEVEL_BITS * level)) & LEVEL_MASK;
    const flags = LEAF | (mode === Mode.U ? bitsOf(PTE.U) : 0n);
    const entry = (to: number, bits: bigint) => (number(to) << PPN_SHIFT) | bits;
    memory.setEntry(root, index(CODE, 2n), entry(middle, bitsOf(PTE.V)));
    memory.setEntry(middle, index(CODE, 1n), entry(leaves, bitsOf(PTE.V)));
    memory.setEntry(leaves, index(CODE, 0n), entry(frame, flags));
    memory.setEntry(leaves, index(DATA, 0n), entry(frame + 1, flags));
    hart.satp.bits = SV39 | number(root);
  }

  /** Everything as it was made. */
  restore(): void {
    const { memory, hart } = this;
    hart.words.set(this.words);
    hart.waited = false;
    hart.fenced = false;
    memory.now = 0n;
    if (memory.written) memory.bytes.set(this.bytes);
    memory.written = false;
  }

  /** The data page, which the program sees, as text; empty where nothing was written. */
  get data(): string {
    const from = (this.frame + 1) * PAGE;
    return this.memory.written ? this.memory.bytes.subarray(from, from + PAGE).join() : '';
  }
}

/** Random doublewords, the same for the same seed (Marsaglia's xorshift, 2003). */
export function generator(seed: number): () => bigint {
  let state = BigInt.asUintN(64, BigInt(seed + 1) * 0x9e37_79b9_7f4a_7c15n);
  return () => {
    state ^= BigInt.asUintN(64, state << 13n);
    state ^= state >> 7n;
    state ^= BigInt.asUintN(64, state << 17n);
    return state;
  };
}
