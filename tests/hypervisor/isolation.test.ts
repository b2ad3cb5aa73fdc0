// Control: whatever a guest executes, no page that the real hart can reach while it runs is anything but its own RAM:
// not its neighbour's, not the shadow tables, not the monitor's. Every leaf under the real satp is looked at.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SystemPhysical } from '../../isa/address.ts';
import { Monitor } from '../../src/hypervisor/monitor.ts';
import type { VirtualMachine } from '../../src/hypervisor/virtual-machine.ts';
import { Board } from '../../src/platform/board.ts';
import { Interleaver } from '../../src/platform/interleaver.ts';
import { specOf, type TestGuest } from '../support/guests.ts';
import { hostileGuests } from '../support/hostile.ts';
import { program } from '../support/random-programs.ts';

const SCALE = Number(process.env['TRAPEZE_RUNS'] ?? 1);
const STEPS = 1500;

function monitorOf(guests: readonly TestGuest[]): Monitor {
  const specs = guests.map((guest) => specOf(guest));
  const monitor = new Monitor(
    specs.map(({ name, ramBytes, firmware, input, output }) => ({
      name,
      ramBytes,
      firmware,
      board: (harts, ram) => new Board({ harts, ram, console: { input, output } }),
    })),
  );
  for (const [i, vm] of monitor.machines.entries()) specs[i]?.install(vm.board);
  return monitor;
}

/** Every leaf that the real hart's walker can find: frame, bytes and bits. */
function* leaves(
  { hardware }: Monitor,
  table: bigint,
  level = 2,
): Generator<{ at: bigint; bytes: bigint; bits: bigint }> {
  for (let index = 0; index < 512; index++) {
    const entry = hardware.read((table + BigInt(index * 8)) as SystemPhysical, 8);
    if ((entry & 1n) === 0n) continue;
    const at = ((entry >> 10n) & ((1n << 44n) - 1n)) << 12n;
    if ((entry & 0xen) === 0n) yield* leaves({ hardware } as Monitor, at, level - 1);
    else yield { at, bytes: 4096n << BigInt(9 * level), bits: entry };
  }
}

/** Looks at all that is mapped whenever this machine has exited, each time that it is in another shadow context. */
function guard(monitor: Monitor, vm: VirtualMachine): { looked: number } {
  const seen = { looked: 0 };
  let exits = 0;
  vm.onExit = () => {
    const { hardware } = monitor;
    expect(hardware.state(0).mode).toBe(0n);
    if (exits++ % 20 !== 0) return;
    const satp = hardware.readCsr(0, 0x180);
    if (satp >> 60n !== 8n) return;
    for (const { at, bytes } of leaves(monitor, (satp & ((1n << 44n) - 1n)) << 12n)) {
      const start = vm.ram.real(vm.ram.base);
      const inside = at >= start && at + bytes <= start + BigInt(vm.ram.bytes);
      expect(inside, `a leaf maps ${at.toString(16)}`).toBe(true);
      seen.looked++;
    }
  };
  return seen;
}

/** What must not change: the real CSRs that keep the guests in. */
const realState = ({ hardware }: Monitor) => [
  hardware.readCsr(0, 0x300) & ~(MSTATUS_FS | MSTATUS_SD), // whether the floating-point unit is on is the guest's own
  ...[0x302, 0x303, 0x304, 0x305, 0x306, 0x30a, 0x320, 0x3a0, 0x3a2, 0x3b0].map((csr) => hardware.readCsr(0, csr)),
];
const MSTATUS_FS = 3n << 13n;
const MSTATUS_SD = 1n << 63n;

test.each(hostileGuests)('a guest that $name reaches nothing but its own RAM', ({ guest }) => {
  const monitor = monitorOf([guest, { bytes: new Uint8Array([1]) }]);
  const before = realState(monitor);
  const [vm] = monitor.machines;
  if (vm === undefined) throw new Error('no machine');
  guard(monitor, vm);
  new Interleaver(vm.board, vm).run(STEPS);
  expect(realState(monitor)).toEqual(before);
});

test('random guests reach nothing but their own RAM, and leave the real CSRs alone', () => {
  let looked = 0;
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('m' as const, 's' as const), (seed, mode) => {
      const monitor = monitorOf([
        { bytes: program(seed), mode },
        { bytes: program(seed + 1), mode },
      ]);
      const before = realState(monitor);
      const [first, second] = monitor.machines.map((vm) => {
        const seen = guard(monitor, vm);
        const interleaver = new Interleaver(vm.board, vm);
        return { vm, seen, interleaver };
      });
      const digest = second?.vm.ram.digest();
      first?.interleaver.run(STEPS);
      expect(second?.vm.ram.digest()).toBe(digest);
      const kept = first?.vm.ram.digest();
      second?.interleaver.run(STEPS);
      expect(first?.vm.ram.digest()).toBe(kept);
      expect(realState(monitor)).toEqual(before);
      looked += first?.seen.looked ?? 0;
    }),
    { numRuns: 20 * SCALE },
  );
  expect(looked).toBeGreaterThan(0);
});
