// Trapeze's side: the reference evaluator over the same image that QEMU runs. It notices when a sequence does
// something whose outcome the manual leaves open, or that depends on devices; such a sequence is replaced by another,
// and the reason is counted. The reasons, with what the manual says of each, are in differences.ts.

import type { GuestPhysical, GuestVirtual } from '../../../isa/address.ts';
import { Cause, INTERRUPT_BIT } from '../../../isa/causes.ts';
import type { Decoded } from '../../../isa/decode.ts';
import { Mode, NO_RESERVATION, PMP_ENTRIES, PMPCFG, PmpMatch, WORD } from '../../../isa/layout.ts';
import type { Physical } from '../../../isa/physical.ts';
import { pmpConfig } from '../../../isa/pmp-csrs.ts';
import { Reference, type Step } from '../../../isa/reference.ts';
import type { Raised, Width } from '../../../isa/vocabulary.ts';
import { openBefore, type Reason } from './differences.ts';
import { ADDRESS } from './harness.ts';
import { HARNESS, PAGE, REGION } from './layout.ts';
import { RAM_BASE } from './qemu.ts';

const RAM_END = RAM_BASE + (128n << 20n);
/** Physical addresses at which QEMU's board has nothing: there, and only there, both raise an access fault. */
const NOTHING_THERE: readonly (readonly [from: bigint, to: bigint])[] = [
  [0n, 0x1000n],
  [0x20_0000n, 0x200_0000n],
  [RAM_END, 0x3_0000_0000n],
  [0x10_0000_0000n, 1n << 64n],
];
/** Bytes of the smallest piece of an instruction. */
const PARCEL = 2n;
const IN_PAGE = BigInt(PAGE) - 1n;
/** Offset of a page's last parcel. */
const LAST_PARCEL = BigInt(PAGE) - PARCEL;

/** RAM as an array, of which a sequence may write its own region only. */
class Memory implements Physical {
  readonly image: Uint8Array;
  private readonly view: DataView;
  owner: Ours | undefined;

  constructor(image: Uint8Array) {
    this.image = image;
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  }

  isMemory(address: bigint, bytes: number): boolean {
    const inside = address >= RAM_BASE && address + BigInt(bytes) <= RAM_BASE + BigInt(this.image.length);
    if (!inside) this.outside(address, bytes);
    return inside;
  }

  read(address: bigint, bytes: Width): bigint | undefined {
    if (!this.isMemory(address, bytes)) return undefined;
    this.owner?.reads(address);
    const at = Number(address - RAM_BASE);
    if (bytes === 8) return this.view.getBigUint64(at, true);
    if (bytes === 4) return BigInt(this.view.getUint32(at, true));
    return BigInt(bytes === 2 ? this.view.getUint16(at, true) : this.view.getUint8(at));
  }

  write(address: bigint, bytes: Width, value: bigint): boolean {
    if (!this.isMemory(address, bytes)) return false;
    if (this.owner && !this.owner.stores(address, bytes)) return true;
    const at = Number(address - RAM_BASE);
    if (bytes === 8) this.view.setBigUint64(at, value, true);
    else if (bytes === 4) this.view.setUint32(at, Number(value), true);
    else if (bytes === 2) this.view.setUint16(at, Number(value), true);
    else this.view.setUint8(at, Number(value));
    return true;
  }

  time(): bigint {
    return 0n;
  }

  private outside(address: bigint, bytes: number): void {
    const nothing = NOTHING_THERE.some(([from, to]) => address >= from && address + BigInt(bytes) <= to);
    if (!nothing) this.owner?.leave('device');
  }
}

export class Ours extends Reference {
  readonly memory: Memory;
  /** Why the sequence that runs is not to be compared. */
  left: Reason | undefined;
  /** Names of the instructions that the sequence has executed, whether they raised or not. */
  readonly reached = new Set<string>();
  /** The region that may be written; none while the harness runs. */
  private region: bigint | undefined;
  private inWalk = false;
  /** Page tables were read since the last fence. */
  private walked = false;
  private protectionChanged = false;
  /** Physical address of the first part of the latest odd access. */
  private firstPart: bigint | undefined;
  /** Words of code that were stored to since the last fence.i. */
  private readonly modified = new Set<bigint>();
  private reserved: { readonly va: bigint; readonly bytes: Width; readonly value: bigint } | undefined;

  constructor(image: Uint8Array) {
    const memory = new Memory(image);
    super(memory);
    this.memory = memory;
    memory.owner = this;
  }

  /** From here on the sequence of this region runs; without one, the harness. */
  enter(region: bigint | undefined): void {
    this.region = region;
    this.left = undefined;
    this.walked = false;
    this.protectionChanged = false;
    this.modified.clear();
    if (region !== undefined) this.reached.clear();
  }

  leave(reason: Reason): void {
    this.left ??= reason;
  }

  /** Later regions are still empty here, and full on QEMU. */
  reads(address: bigint): void {
    if (this.region !== undefined && address >= this.region + BigInt(REGION.bytes)) this.leave('harness');
  }

  /** Judges a store; false: it must not happen, since what it would change is not this sequence's to change. */
  stores(address: bigint, bytes: number): boolean {
    if (this.region === undefined) return true;
    const offset = Number(address - this.region);
    if (offset < REGION.code || offset + bytes > REGION.bytes) {
      this.leave('harness');
      return false;
    }
    if (offset < REGION.data) {
      for (let at = address & ~1n; at < address + BigInt(bytes); at += PARCEL) this.modified.add(at);
    }
    if (offset + bytes > REGION.root && this.walked && !this.inWalk) this.leave('stale translation');
    return true;
  }

  override takeTrap(cause: bigint, tval: bigint): Step {
    const pending = (this.mip.bits | this.lines.bits) & this.mie.bits;
    if (cause & INTERRUPT_BIT && (pending & (pending - 1n)) !== 0n) this.leave('priority');
    this.reserved = undefined; // QEMU ends reservations at each trap and return
    const step = super.takeTrap(cause, tval);
    const handled = this.pc === ADDRESS.trap || (this.pc & IN_PAGE) === (ADDRESS.handler & IN_PAGE);
    if (cause === BigInt(Cause.Breakpoint) && !handled) this.leave('breakpoint address');
    return step;
  }

  override execute(decoded: Decoded | undefined, bits: number): boolean {
    if (this.region !== undefined && decoded !== undefined) {
      const { name } = decoded.instruction;
      this.reached.add(decoded.compressed?.name ?? name);
      if (this.protectionChanged && name !== 'sfence.vma') this.leave('stale protection');
      const reason = openBefore(this, decoded);
      if (reason !== undefined) this.leave(reason);
      if (name === 'fence.i') this.modified.clear();
      if (name.endsWith('ret')) this.reserved = undefined;
    }
    return super.execute(decoded, bits);
  }

  override setNamed(name: Parameters<Reference['setNamed']>[0], value: bigint): void {
    if (name.startsWith('pmp')) this.protectionChanged = true;
    super.setNamed(name, value);
  }

  override fence(what: 'instructions' | 'translations'): void {
    if (what === 'translations') {
      if (this.protectionChanged && this.hasEmptyRange()) this.leave('empty PMP range');
      this.walked = false;
      this.protectionChanged = false;
    }
    super.fence(what);
  }

  override fetch(): number | Raised {
    const parcel = super.fetch();
    const isPageFault = typeof parcel !== 'number' && this.cause === BigInt(Cause.InstructionPageFault);
    if (isPageFault && this.mode === BigInt(Mode.S) && this.mstatus.SUM === 1n) this.leave('fetch under SUM');
    const atEndOfPage = (this.pc & LAST_PARCEL) === LAST_PARCEL;
    if (
      typeof parcel !== 'number' &&
      atEndOfPage &&
      this.tval !== this.pc &&
      this.cause === BigInt(Cause.InstructionAccessFault)
    ) {
      this.leave('second half inaccessible');
    }
    return parcel;
  }

  override physicalAddress(
    access: 'fetch' | 'load' | 'store',
    va: GuestVirtual,
    bytes: number,
  ): GuestPhysical | Raised {
    if (access !== 'fetch' && this.usesMprv() && this.harnessOrCode(va)) this.leave('MPRV where M was');
    const pa = super.physicalAddress(access, va, bytes);
    if (access === 'fetch' && typeof pa === 'bigint' && this.modified.has(pa)) this.leave('stale code');
    if (access !== 'fetch' && typeof pa === 'bigint') this.firstPart ??= pa;
    return pa;
  }

  override isMemory(address: bigint): boolean {
    const inside = super.isMemory(address);
    if (!inside) this.leave('table outside memory');
    return inside;
  }

  /** A TOR entry up to address 0. */
  private hasEmptyRange(): boolean {
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const { A } = this.view(pmpConfig<bigint>(this, entry), PMPCFG);
      if (A === BigInt(PmpMatch.TOR) && this.named(`pmpaddr${entry}`) === 0n) return true;
    }
    return false;
  }

  private usesMprv(): boolean {
    return this.region !== undefined && this.mode === 3n && this.mstatus.MPRV === 1n && this.mstatus.MPP !== 3n;
  }

  /** Whether M has fetched from, or loaded from, this page on the way here. */
  private harnessOrCode(va: bigint): boolean {
    const region = this.region as bigint;
    const inRegion = va >= region && va < region + BigInt(REGION.data);
    return inRegion || (va >= RAM_BASE && va < RAM_BASE + BigInt(HARNESS.pages * PAGE));
  }

  override loadPhysical(address: bigint): bigint {
    this.walked = true;
    return super.loadPhysical(address);
  }

  override storePhysical(address: bigint, value: bigint): void {
    this.inWalk = true;
    super.storePhysical(address, value);
    this.inWalk = false;
  }

  override load(address: bigint, bytes: Width): bigint {
    this.judgeStraddling(address, bytes);
    return this.judged(isMisaligned(address, bytes), () => super.load(address, bytes));
  }

  override store(address: bigint, bytes: Width, value: bigint): void {
    this.judgeStraddling(address, bytes);
    this.judged(isMisaligned(address, bytes), () => super.store(address, bytes, value));
  }

  override amo(address: bigint, bytes: Width, next: (old: bigint) => bigint): bigint {
    return this.judged(true, () => super.amo(address, bytes, next));
  }

  private judgeStraddling(address: bigint, bytes: Width): void {
    const straddles = (address & IN_PAGE) + BigInt(bytes) > BigInt(PAGE);
    const active = (this.named('pmpcfg0') & PMP_AROUND_DATA) | (this.named('pmpcfg2') & PMP_MATCHING);
    if (straddles && active !== 0n) this.leave('straddle under PMP');
  }

  /** An access; one that is an AMO or misaligned must not raise an access fault. */
  private judged<T>(odd: boolean, access: () => T): T {
    if (!odd) return access();
    this.cause = NO_CAUSE;
    this.firstPart = undefined;
    const result = access();
    // Where the first page is no memory and the second not mapped, either fault may come first.
    const nowhere = this.firstPart !== undefined && !this.memory.isMemory(this.firstPart, 1);
    if (nowhere || ACCESS_FAULTS.includes(this.cause)) this.leave('odd access fault');
    return result;
  }

  override loadReserved(address: bigint, bytes: Width): bigint {
    // Cleared first, so that a reservation afterwards is this one's; past the assertion that follows a raise.
    const before = this.reservation;
    this.reservation = NO_RESERVATION;
    const value = super.loadReserved(address, bytes);
    if (this.reservation === NO_RESERVATION) this.words[WORD.reservation] = before;
    else this.reserved = { va: address, bytes, value };
    return value;
  }

  override storeConditional(address: bigint, bytes: Width, value: bigint): bigint {
    const { reserved } = this;
    this.reserved = undefined;
    const place = this.reservation;
    const held = place === NO_RESERVATION ? undefined : this.memory.read(place, bytes);
    const result = super.storeConditional(address, bytes, value);
    const stored = place !== NO_RESERVATION && this.reservation === NO_RESERVATION && result === 0n;
    if (reserved?.va !== address || reserved.bytes !== bytes || reserved.value !== held) {
      this.leave(stored ? 'spurious failure' : 'unreserved SC');
    }
    return result;
  }
}

/** The A fields of the entries of a pmpcfg, and of the first four, which do not open everything. */
const PMP_MATCHING = 0x1818_1818_1818_1818n;
const PMP_AROUND_DATA = 0x1818_1818n;
const NO_CAUSE = -1n;
const ACCESS_FAULTS = [BigInt(Cause.LoadAccessFault), BigInt(Cause.StoreAccessFault)];
const isMisaligned = (address: bigint, bytes: Width) => (address & BigInt(bytes - 1)) !== 0n;
