// The devices of a guest's board with their registers, and which of them changed since somebody looked last. A device
// shows its registers itself, and looking has none of a read's effects.
// Left out: registers of arrays that are zero, which most of an interrupt controller's are: they are counted.

import type { Board } from '../../platform/board.ts';
import type { DeviceView, RegisterLine } from '../protocol.ts';
import type { Changes } from './changes.ts';

/** @param key of the guest, to tell what changed. */
export function devicesOf({ slots }: Board, key: string, changes: Changes): DeviceView[] {
  return slots.map(({ base, device }) => {
    const all = device.registers().map((register): RegisterLine => {
      const changed = changes.since(`${key}.${device.name}.${register.name}`, register.value) !== register.value;
      return { ...register, changed };
    });
    const registers = all.filter(({ name, value, changed }) => value !== 0n || changed || !name.includes('['));
    return { name: device.name, base, bytes: device.size, registers, zeros: all.length - registers.length };
  });
}
