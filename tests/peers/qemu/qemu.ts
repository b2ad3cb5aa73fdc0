// QEMU's `virt` board as a peer: a process that is driven through its GDB port, with RAM in a file that both sides see.
// Its hart has the extensions of isa/ and no others. Registers go by the names of QEMU's target description
// (x0 to x31, pc, CSRs, priv). Left out: a second hart, devices.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Remote, Timeout } from './remote.ts';

const PROGRAM = 'qemu-system-riscv64';
export const RAM_BASE = 0x8000_0000n;
const RAM_BYTES = 128 << 20;
/** What isa/ leaves out is off; `debug` is the trigger module. */
const CPU = 'rv64,h=off,zbc=off,debug=off';
/** Room for a second hart makes QEMU translate atomics as atomics; for one alone, an AMO faults as a load. */
const SMP = '1,maxcpus=2';
const START_MS = 10_000;
const REPLY_MS = 10_000;
/** Single steps take interrupts as running does; QEMU's own default masks them. */
const STEP_WITH_INTERRUPTS = 'Qqemu.sstep=1';
const PHYSICAL_MEMORY = 'Qqemu.PhyMemMode:1';
const HARDWARE_BREAKPOINT = 1;
const MTIMECMP = 0x200_4000n;
const XLEN_BYTES = 8;

/** The version line of QEMU, or undefined where there is none. */
export function qemuVersion(): string | undefined {
  try {
    return execFileSync(PROGRAM, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  } catch {
    return undefined;
  }
}

export class Qemu {
  private readonly child: ChildProcess;
  private readonly folder: string;
  private readonly ram: number;
  private readonly numbers = new Map<string, number>();
  private connection: Remote | undefined;
  /** What QEMU said on its standard error. */
  private complaint = '';

  private constructor(child: ChildProcess, folder: string, ram: number) {
    this.child = child;
    this.folder = folder;
    this.ram = ram;
    child.stderr?.on('data', (data: Buffer) => {
      this.complaint += data.toString();
    });
    child.on('exit', (code, signal) => {
      this.complaint += ` (exit ${code ?? signal})`;
    });
  }

  private get remote(): Remote {
    if (this.connection === undefined) throw new Error('QEMU is not connected');
    return this.connection;
  }

  /** Starts a board, stopped before its first instruction, with `image` at the start of RAM. */
  static async start(image: Uint8Array): Promise<Qemu> {
    const folder = mkdtempSync(join(tmpdir(), 'trapeze-qemu-'));
    const file = join(folder, 'ram');
    const socket = join(folder, 'gdb');
    const ram = openSync(file, 'w+');
    ftruncateSync(ram, RAM_BYTES);
    writeSync(ram, image, 0, image.length, 0);
    const board = `virt,memory-backend=ram`;
    const backend = `memory-backend-file,id=ram,size=${RAM_BYTES},mem-path=${file},share=on`;
    const port = ['-chardev', `socket,id=gdb,path=${socket},server=on,wait=off`, '-gdb', 'chardev:gdb'];
    const options = [
      '-object',
      backend,
      '-M',
      board,
      '-m',
      `${RAM_BYTES >> 20}M`,
      '-smp',
      SMP,
      '-cpu',
      CPU,
      '-bios',
      'none',
      '-S',
    ];
    const quiet = ['-display', 'none', '-serial', 'null', '-monitor', 'none', '-nodefaults'];
    const child = spawn(PROGRAM, [...options, ...quiet, ...port], { stdio: ['ignore', 'ignore', 'pipe'] });
    const qemu = new Qemu(child, folder, ram);
    try {
      await qemu.connect(socket);
      return qemu;
    } catch (error) {
      qemu.stop();
      throw new Error(`QEMU did not start: ${qemu.complaint}`, { cause: error });
    }
  }

  private async connect(socket: string): Promise<void> {
    const gone = () => this.child.exitCode !== null || this.child.signalCode !== null;
    this.connection = await Remote.open(socket, START_MS, gone);
    await this.ask('qSupported:xmlRegisters=riscv');
    await this.describe('target.xml', 0);
    await this.expect(STEP_WITH_INTERRUPTS);
    await this.expect(PHYSICAL_MEMORY);
    // QEMU's timer comparison starts at zero, which is long past.
    await this.write(MTIMECMP, new Uint8Array(XLEN_BYTES).fill(0xff));
  }

  /** Notes the registers of a target description and of the files that it includes; yields the next free number. */
  private async describe(file: string, first: number): Promise<number> {
    let xml = '';
    const CHUNK = 0xffb;
    for (;;) {
      const part = await this.ask(`qXfer:features:read:${file}:${xml.length.toString(16)},${CHUNK.toString(16)}`);
      xml += part.slice(1);
      if (!part.startsWith('m')) break;
    }
    let next = first;
    for (const [, name] of xml.matchAll(/xi:include href="([^"]+)"/g)) next = await this.describe(name as string, next);
    for (const [, attributes = ''] of xml.matchAll(/<reg ([^>]*)>/g)) {
      const number = /regnum="([0-9]+)"/.exec(attributes)?.[1];
      next = number === undefined ? next : Number(number);
      this.numbers.set(/name="([^"]+)"/.exec(attributes)?.[1] ?? '', next++);
    }
    return next;
  }

  /** Runs until a breakpoint; false if it still runs after so many milliseconds, and was stopped then. */
  async run(milliseconds: number): Promise<boolean> {
    try {
      await this.remote.request('c', milliseconds);
      return true;
    } catch (error) {
      if (!(error instanceof Timeout)) throw new Error(`QEMU ended: ${this.complaint}`, { cause: error });
      await this.remote.interrupt(REPLY_MS);
      return false;
    }
  }

  async step(): Promise<void> {
    await this.ask('s');
  }

  async setBreakpoint(address: bigint): Promise<void> {
    await this.expect(`Z${HARDWARE_BREAKPOINT},${address.toString(16)},4`);
  }

  async clearBreakpoint(address: bigint): Promise<void> {
    await this.expect(`z${HARDWARE_BREAKPOINT},${address.toString(16)},4`);
  }

  hasRegister(name: string): boolean {
    return this.numbers.has(name);
  }

  /** x0 to x31 and pc, in one request. */
  async general(): Promise<bigint[]> {
    const hex = await this.ask('g');
    const registers: bigint[] = [];
    for (let i = 0; i + 16 <= hex.length; i += 16) registers.push(fromHex(hex.slice(i, i + 16)));
    return registers;
  }

  /** A register; undefined where the mode that the hart is in may not read it, as satp under TVM. */
  async register(name: string): Promise<bigint | undefined> {
    const hex = await this.ask(`p${this.numberOf(name).toString(16)}`);
    return /^E[0-9]+$/.test(hex) ? undefined : fromHex(hex);
  }

  async setRegister(name: string, value: bigint): Promise<void> {
    await this.expect(`P${this.numberOf(name).toString(16)}=${toHex(value)}`);
  }

  /** Physical memory through the GDB port. */
  async read(address: bigint, bytes: number): Promise<Uint8Array> {
    return Buffer.from(await this.ask(`m${address.toString(16)},${bytes.toString(16)}`), 'hex');
  }

  async write(address: bigint, data: Uint8Array): Promise<void> {
    await this.expect(`M${address.toString(16)},${data.length.toString(16)}:${Buffer.from(data).toString('hex')}`);
  }

  /** RAM as it is now, from the file behind it: the fast way for megabytes, while the board is stopped. */
  ramImage(bytes: number): Uint8Array {
    const image = new Uint8Array(bytes);
    readSync(this.ram, image, 0, bytes, 0);
    return image;
  }

  stop(): void {
    this.connection?.close();
    this.child.kill('SIGKILL');
    closeSync(this.ram);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private numberOf(name: string): number {
    const number = this.numbers.get(name);
    if (number === undefined) throw new Error(`QEMU's target description has no ${name}`);
    return number;
  }

  private async ask(payload: string): Promise<string> {
    return this.remote.request(payload, REPLY_MS);
  }

  private async expect(payload: string): Promise<void> {
    const reply = await this.ask(payload);
    if (reply !== 'OK') throw new Error(`QEMU answered '${reply}' to '${payload}'`);
  }
}

/** Registers travel as bytes, the lowest first. */
function fromHex(hex: string): bigint {
  return BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`);
}

function toHex(value: bigint): string {
  const bytes = Buffer.alloc(XLEN_BYTES);
  bytes.writeBigUInt64LE(value);
  return bytes.toString('hex');
}
