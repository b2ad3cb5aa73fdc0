// A look at a stopped guest that changes nothing of it: memory as a hart would translate it (without marking page-table
// entries, and past what only user mode or only execution is permitted) or by guest-physical address, CSRs as M-mode
// would read them. And the debugger's changes of the same. Left out: device registers, whose reading has effects.

import type { GuestPhysical } from '../../../isa/address.ts';
import { csrAccess, isReadOnlyCsr } from '../../../isa/csr-access.ts';
import { csrOf } from '../../../isa/csrs.ts';
import { Mode, WORD, X0 } from '../../../isa/layout.ts';
import { failed, Reference } from '../../../isa/reference.ts';
import type { PrivilegedState } from '../../../isa/state.ts';
import { translate } from '../../../isa/translation.ts';
import { EXIT_REASONS, type ExitReason } from '../../hypervisor/reason.ts';
import type { DebuggedGuest } from './guest.ts';
import type { Register } from './registers.ts';
import type { Places } from './stop-points.ts';

const PAGE_BYTES = 4096n;
const DIRTY = 3n;
const PAGE_SHIFT = 12n;
const PPN = (1n << 44n) - 1n;

export class Look {
  private readonly guest: DebuggedGuest;
  private readonly hart: number;
  /** Addresses are guest-physical. */
  private readonly physical: boolean;

  constructor(guest: DebuggedGuest, hart: number, physical = false) {
    this.guest = guest;
    this.hart = hart;
    this.physical = physical;
  }

  private get state(): PrivilegedState {
    return this.guest.states[this.hart] as PrivilegedState;
  }

  /** @param exit why the guest last left for the monitor. */
  readRegister({ source }: Register, exit: ExitReason | undefined): bigint {
    const { state } = this;
    if ('word' in source) return state.word(source.word);
    if ('csr' in source) return this.readCsr(source.csr);
    if (source.special === 'privilege') return BigInt(state.privilege);
    if (source.special === 'exit') return BigInt(exit === undefined ? NONE : EXIT_REASONS.indexOf(exit));
    const cpu = this.guest.vm?.cpus[this.hart];
    return cpu === undefined ? 0n : ((this.guest.vm?.shadow.peek(cpu)?.satp ?? 0n) & PPN) << PAGE_SHIFT;
  }

  /** A CSR as M-mode would read it; zero where the hart lacks it. */
  readCsr(csr: number): bigint {
    const { clock } = this.guest.board;
    return readCsr(this.state, csr, () => clock.ticks()) ?? 0n;
  }

  /** What a write to a register does; undefined where it cannot be written. */
  registerWrite({ source }: Register, value: bigint): (() => void) | undefined {
    if ('special' in source) return undefined;
    const { guest, hart, state } = this;
    if ('word' in source) {
      const { word } = source;
      return () => {
        if (word !== X0) state.setWord(word, word === WORD.pc ? value & ~1n : value);
      };
    }
    const { csr } = source;
    if (isReadOnlyCsr(csr)) return undefined;
    return () => {
      const cpu = guest.vm?.cpus[hart];
      if (cpu === undefined) guest.hardware.writeCsr(hart, csr, value);
      else {
        const { mode } = cpu;
        cpu.mode = BigInt(Mode.M);
        csrAccess<bigint>(cpu, { csr, combine: 'write', source: value, writes: true });
        cpu.mode = mode;
      }
      guest.board.timersChanged(hart);
    };
  }

  /** The bytes at an address, as far as there are any; undefined where the first is nowhere in RAM. */
  read(address: bigint, bytes: number): Uint8Array | undefined {
    const { ram } = this.guest.board;
    const found = new Uint8Array(bytes);
    let done = 0;
    for (const part of this.parts(address, bytes)) {
      if (part.at === undefined) break;
      found.set(ram.copyOut(part.at, part.bytes), done);
      done += part.bytes;
    }
    return done === 0 && bytes > 0 ? undefined : found.subarray(0, done);
  }
  /** What a write to memory does; undefined where not all of it is RAM. */
  memoryWrite(address: bigint, data: Uint8Array): (() => void) | undefined {
    const { ram } = this.guest.board;
    const parts = [...this.parts(address, data.length)];
    if (parts.some(({ at }) => at === undefined)) return undefined;
    return () => {
      let done = 0;
      for (const { at, bytes } of parts) {
        ram.copyIn(at as GuestPhysical, data.slice(done, done + bytes));
        done += bytes;
      }
    };
  }
  /** Where in guest-physical RAM an address is. */
  translate(address: bigint): GuestPhysical | undefined {
    for (const { at } of this.parts(address, 1)) return at;
    return undefined;
  }

  /** Where in RAM a range is; the first page that is not there ends it. */
  places(address: bigint, bytes: number): Places {
    return [...this.parts(address, bytes)].flatMap(({ at, bytes }) =>
      at === undefined ? [] : [{ address: at, bytes }],
    );
  }
  /** Where in RAM an instruction of the hart accesses, which is permitted to. */
  placesOf({ address, bytes }: { readonly address: bigint; readonly bytes: number }): Places {
    return [...this.parts(address, bytes, 'as-instruction')].flatMap(({ at, bytes }) =>
      at === undefined ? [] : [{ address: at, bytes }],
    );
  }

  /** A range page by page, up to the first that is not there. */
  private *parts(address: bigint, bytes: number, who: 'debugger' | 'as-instruction' = 'debugger') {
    const { board } = this.guest;
    const probe = this.probe();
    if (who === 'debugger') {
      if (probe.privilege === Mode.U) probe.mode = BigInt(Mode.S);
      probe.mstatus.MPRV = 0n;
    }
    probe.mstatus.SUM = 1n;
    probe.mstatus.MXR = 1n;
    // A page that was never accessed is shown like any other.
    probe.menvcfg.ADUE = 1n;
    for (let at = address, left = BigInt(bytes); left > 0n; ) {
      const room = PAGE_BYTES - (at % PAGE_BYTES);
      const size = Number(left < room ? left : room);
      const va = BigInt.asUintN(64, at);
      const found = this.physical ? at : probe.call(translate.load, { va });
      const isThere = !failed(found) && board.isRam(found, size);
      yield { at: isThere ? (found as GuestPhysical) : undefined, bytes: size };
      if (!isThere) return;
      at += BigInt(size);
      left -= BigInt(size);
    }
  }

  /** A copy of the hart, over memory that it cannot change. */
  private probe(): Reference {
    const { board } = this.guest;
    const probe = new Reference({
      isMemory: (address, bytes) => board.isRam(address, bytes),
      read: (address, bytes) => (board.isRam(address, bytes) ? board.ram.read(address, bytes) : undefined),
      write: () => true,
      time: () => board.clock.ticks(),
    });
    probe.words.set(this.state.words);
    return probe;
  }
}

/** A CSR of a state as M-mode would read it; undefined where the state lacks it. */
export function readCsr(state: PrivilegedState, csr: number, time = () => 0n): bigint | undefined {
  const probe = new Reference({ isMemory: () => false, read: () => undefined, write: () => false, time });
  probe.words.set(state.words);
  probe.mode = BigInt(Mode.M);
  if (csrOf(csr)?.word === 'fcsr') probe.mstatus.FS = DIRTY; // or it could not be read
  const value = csrAccess<bigint>(probe, { csr, combine: 'set', source: 0n, writes: false });
  return failed(value) ? undefined : value;
}

/** In the virtual feature's enumeration: no exit is known. */
export const NONE = EXIT_REASONS.length;
