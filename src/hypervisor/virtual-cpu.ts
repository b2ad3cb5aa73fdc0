// A virtual CPU: the state that a guest believes to be a hart, and the reference evaluator over it. The monitor
// emulates a trapped instruction by running the instruction's own definition here, over guest-physical memory and the
// VM's board. It also keeps the page-table entries that a walk read, from which the shadow is filled.

import type { GuestPhysical } from '../../isa/address.ts';
import { Mode, WORD, WORDS } from '../../isa/layout.ts';
import type { Physical } from '../../isa/physical.ts';
import { pmp } from '../../isa/pmp.ts';
import { Reference, type Step } from '../../isa/reference.ts';
import type { Access, Width } from '../../isa/vocabulary.ts';
import type { GuestRam } from './guest-ram.ts';
import type { Numbering } from './numbering.ts';
import { R, W, X } from './shadow/entry.ts';
import { GuestWalk } from './shadow/walk.ts';

/** What a virtual CPU needs of its VM. */
export interface VirtualCpuOptions {
  readonly ram: GuestRam;
  /** Where the state lies in the machine's memory. */
  readonly block: { readonly buffer: ArrayBuffer; readonly base: number };
  /** Numbers for the contents of the PMP, shared by the CPUs of a VM. */
  readonly protections: Numbering;
}

/** The board's devices and clock; attached after the CPUs are made, since the board drives their interrupt lines. */
interface Devices {
  readonly clock: { ticks(): bigint };
  read(address: bigint, width: Width): bigint | undefined;
  write(address: bigint, width: Width, value: bigint): boolean;
}

const TIMER_WORDS = [WORD.stimecmp, WORD.menvcfg];
const PROTECTION_WORDS = Object.entries(WORD)
  .filter(([name]) => name.startsWith('pmp'))
  .map(([, index]) => index);
/** By word: what follows from a change of it. */
const HEED = { nothing: 0, timer: 1, protection: 2, satp: 3 } as const;
const HEEDED = new Uint8Array(WORDS);
for (const index of TIMER_WORDS) HEEDED[index] = HEED.timer;
for (const index of PROTECTION_WORDS) HEEDED[index] = HEED.protection;
HEEDED[WORD.satp] = HEED.satp;
const UNKNOWN = -1;

export class VirtualCpu extends Reference {
  readonly ram: GuestRam;
  devices: Devices | undefined;
  /** The entries that the last walk read, their bits as it left them. */
  readonly walked = new GuestWalk();
  /** A device or timer was touched: the next event may have moved. */
  disturbed = false;
  /** It retired a WFI in this run. */
  waiting = false;
  /** Called after a write to satp that was emulated. */
  onSatp: () => void = () => {};
  private readonly protections: Numbering;
  private protectionNumber: number | undefined;
  /** By mode: what `openRights` is, or UNKNOWN. */
  private readonly open = new Int8Array(Mode.M + 1).fill(UNKNOWN);

  constructor({ ram, block, protections }: VirtualCpuOptions) {
    const space = new GuestPhysicalSpace(ram);
    super(space, block.buffer, block.base);
    space.cpu = this;
    this.ram = ram;
    this.protections = protections;
  }

  /** A number for the contents of the PMP, the same for the same contents in all virtual CPUs of a VM. */
  get protection(): number {
    if (this.protectionNumber === undefined) {
      this.protectionNumber = this.protections.of(PROTECTION_WORDS.map((index) => this.word(index)).join());
    }
    return this.protectionNumber;
  }

  /** What the PMP permits everywhere in RAM in the present mode, and so in every part of it: bits R, W and X of an entry. */
  get openRights(): number {
    const { privilege } = this;
    const known = this.open[privilege] as number;
    if (known !== UNKNOWN) return known;
    const { base, bytes } = this.ram;
    const everywhere = { address: base, bytes: BigInt(bytes), mode: this.mode };
    const right = (access: Access, bit: number) => (this.ask(pmp[access], everywhere) ? bit : 0);
    const open = right('load', R) | right('store', W) | right('fetch', X);
    this.open[privilege] = open;
    return open;
  }

  /** Counts instructions that the real hart retired for this one, in its present mode. */
  countNative(retired: number): void {
    const counter = [WORD.stepsInU, WORD.stepsInS, 0, WORD.stepsInM][this.privilege] as number;
    for (const word of [WORD.retired, WORD.steps, counter]) this.words[word] = this.word(word) + BigInt(retired);
  }

  override reset(hart: number, pc: bigint): void {
    super.reset(hart, pc);
    this.forgetProtection();
  }
  private forgetProtection(): void {
    this.protectionNumber = undefined;
    this.open.fill(UNKNOWN);
  }

  override setWord(index: number, value: bigint): void {
    const heed = HEEDED[index];
    if (heed === HEED.timer) this.disturbed = true;
    if (heed === HEED.protection) this.forgetProtection();
    super.setWord(index, value);
    if (heed === HEED.satp) this.onSatp();
  }

  override step(): Step {
    this.walked.count = 0;
    return super.step();
  }

  // The address of an entry, and of a walk's, is guest-physical by what calls these.
  override loadPhysical(at: bigint): bigint {
    const address = at as GuestPhysical;
    const bits = super.loadPhysical(address);
    this.walked.push(address, bits);
    return bits;
  }
  override storePhysical(address: bigint, value: bigint): void {
    this.walked.setLast(value);
    this.ram.writeAccessedDirty(address as GuestPhysical, value);
  }
}

/** Guest-physical memory: the VM's RAM, and around it the registers of its board. */
class GuestPhysicalSpace implements Physical {
  private readonly ram: GuestRam;
  cpu: VirtualCpu | undefined;

  constructor(ram: GuestRam) {
    this.ram = ram;
  }
  isMemory(address: GuestPhysical, bytes: number): boolean {
    return this.ram.contains(address, bytes);
  }
  read(address: GuestPhysical, bytes: Width): bigint | undefined {
    if (this.ram.contains(address, bytes)) return this.ram.read(address, bytes);
    return this.devices()?.read(address, bytes);
  }
  write(address: GuestPhysical, bytes: Width, value: bigint): boolean {
    if (!this.ram.contains(address, bytes)) return this.devices()?.write(address, bytes, value) ?? false;
    this.ram.write(address, bytes, value);
    return true;
  }
  time(): bigint {
    return this.cpu?.devices?.clock.ticks() ?? 0n;
  }
  private devices(): Devices | undefined {
    if (this.cpu !== undefined) this.cpu.disturbed = true;
    return this.cpu?.devices;
  }
}
