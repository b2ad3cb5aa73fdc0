// The bare machine: harts and RAM plugged into a board, run as the board's interleaver asks. The guest's firmware has
// M-mode; a guest that starts in S without one finds the platform's SBI there, and its calls leave the hardware and
// are answered as they are under the monitor, each for one step.

import { PAGE_BYTES, type SystemPhysical } from '../../isa/address.ts';
import { assert } from '../../isa/assert.ts';
import { unsigned } from '../../isa/bigints.ts';
import { Cause } from '../../isa/causes.ts';
import type { PrivilegedState } from '../../isa/state.ts';
import type { Width } from '../../isa/vocabulary.ts';
import type { Board } from '../platform/board.ts';
import type { Executor } from '../platform/interleaver.ts';
import type { Ram } from '../platform/ram.ts';
import { sbiCall, sbiCallInRun } from '../platform/sbi.ts';
import { Tohost } from '../platform/tohost.ts';
import { DEFAULT_ENGINE, type Engine } from './engine.ts';
import { type Exit, Hardware, newExit, type Surroundings } from './hardware.ts';
import type { WordWidth } from './surroundings.ts';

export interface BareMachineOptions {
  readonly ramBytes: number;
  readonly harts?: number;
  /** Who has M-mode: the guest, or the platform's SBI. */
  readonly firmware: 'own' | 'sbi';
  readonly engine?: Engine;
  /** Makes the board around these harts and this RAM. */
  readonly board: (harts: readonly PrivilegedState[], ram: Ram) => Board;
}

const ECALL_BYTES = 4n;

export class BareMachine implements Executor {
  readonly hardware: Hardware;
  readonly ram: Ram;
  readonly board: Board;
  private readonly exit: Exit = newExit();
  private tohost: Tohost | undefined;

  constructor({ ramBytes, harts = 1, firmware, engine = DEFAULT_ENGINE, board }: BareMachineOptions) {
    // The board needs the harts, whose bus is the board: the bus looks it up when it is first used.
    const attached: { board?: Board } = {};
    const surroundings = new LateSurroundings(() => attached.board as Board);
    this.hardware = new Hardware({
      ramBytes,
      harts,
      surroundings,
      engine,
      machineTraps: firmware === 'own' ? 'enter' : 'leave',
      environmentCall: (hart) => sbiCallInRun(this.hardware.state(hart), this.board),
    });
    this.ram = new HardwareRam(this.hardware);
    this.board = board(this.hardware.states, this.ram);
    attached.board = this.board;
  }

  /** From now on a store to `tohost`, at this address in RAM, may end the run. */
  watchTohost(address: bigint): void {
    const tohost = new Tohost(this.board, address);
    this.hardware.watch(address as SystemPhysical, 'store', () => tohost.touch());
    this.tohost = tohost;
  }

  run(hart: number, maxSteps: number): ReturnType<Executor['run']> {
    const { exit } = this;
    this.hardware.run(hart, maxSteps, exit);
    if (exit.reason === 'trap') this.answer(hart);
    this.tohost?.check();
    if (this.board.outcome !== undefined) return 'ended';
    if (exit.reason === 'wait') return 'wait';
    if (exit.reason === 'budget') return 'budget';
    this.board.timersChanged(hart);
    return 'changed';
  }

  /** The only trap to M-mode that an SBI guest can take is its call: all others are delegated to it. */
  private answer(hart: number): void {
    assert(this.exit.cause === BigInt(Cause.EnvironmentCallFromS), `a trap to the SBI with cause ${this.exit.cause}`);
    const state = this.hardware.state(hart);
    state.pc = unsigned(state.pc + ECALL_BYTES);
    sbiCall(state, this.board);
  }
}

class LateSurroundings implements Surroundings {
  private readonly board: () => Board;
  constructor(board: () => Board) {
    this.board = board;
  }
  get clock() {
    return this.board().clock;
  }
  read(address: bigint, bytes: Width): bigint | undefined {
    return this.board().read(address, bytes);
  }
  write(address: bigint, bytes: Width, value: bigint): boolean {
    return this.board().write(address, bytes, value);
  }
  readWord(address: number, bytes: WordWidth): number {
    return this.board().readWord(address, bytes);
  }
  writeWord(address: number, bytes: WordWidth, value: number): boolean {
    return this.board().writeWord(address, bytes, value);
  }
  timersChanged(hart: number): void {
    this.board().timersChanged(hart);
  }
  runsUntil(step: number): number {
    return this.board().runsUntil(step);
  }
}

/** The machine's RAM as its board sees it: there guest-physical and real addresses are the same. */
class HardwareRam implements Ram {
  private readonly hardware: Hardware;
  constructor(hardware: Hardware) {
    this.hardware = hardware;
  }
  get base(): bigint {
    return this.hardware.ramBase;
  }
  get bytes(): number {
    return this.hardware.ramBytes;
  }
  read(address: bigint, width: Width): bigint {
    return this.hardware.read(address as SystemPhysical, width);
  }
  write(address: bigint, width: Width, value: bigint): void {
    this.hardware.write(address as SystemPhysical, width, value);
  }
  copyIn(address: bigint, data: Uint8Array): void {
    this.hardware.copyIn(address as SystemPhysical, data);
  }
  copyOut(address: bigint, bytes: number): Uint8Array {
    return this.hardware.copyOut(address as SystemPhysical, bytes);
  }
  clear(): void {
    for (const frame of this.hardware.frames(this.base as SystemPhysical, this.bytes)) {
      this.hardware.zero((this.base + BigInt(frame * PAGE_BYTES)) as SystemPhysical, PAGE_BYTES);
    }
  }
}
