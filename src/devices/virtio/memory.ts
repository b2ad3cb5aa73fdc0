// A device's way to the guest's memory, by which queues and buffers are reached: it copies, and never hands out views,
// so that whatever derives from the bytes that a device writes hears of it. Addresses come from the driver as they are.
// Left out: an IOMMU.

export interface DeviceMemory {
  /** Whether all of these bytes are RAM. Any address and length may be asked about. */
  contains(address: bigint, bytes: number): boolean;
  /** A copy of bytes that are all RAM. */
  read(address: bigint, bytes: number): Uint8Array;
  /** Writes bytes that are all RAM; done only while an event is handled, never within an instruction. */
  write(address: bigint, data: Uint8Array): void;
}
