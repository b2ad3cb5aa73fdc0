// The registers of the MMIO transport (VirtIO 1.2, "MMIO Device Register Layout"), by the names that the specification
// gives them, and which of them only take writes.
// Left out: the resets of single queues and shared memory selectors, which this transport does not have.

export const REGISTER = {
  MagicValue: 0x000,
  Version: 0x004,
  DeviceID: 0x008,
  VendorID: 0x00c,
  DeviceFeatures: 0x010,
  DeviceFeaturesSel: 0x014,
  DriverFeatures: 0x020,
  DriverFeaturesSel: 0x024,
  QueueSel: 0x030,
  QueueNumMax: 0x034,
  QueueNum: 0x038,
  QueueReady: 0x044,
  QueueNotify: 0x050,
  InterruptStatus: 0x060,
  InterruptACK: 0x064,
  Status: 0x070,
  QueueDescLow: 0x080,
  QueueDescHigh: 0x084,
  QueueDriverLow: 0x090,
  QueueDriverHigh: 0x094,
  QueueDeviceLow: 0x0a0,
  QueueDeviceHigh: 0x0a4,
  SHMLenLow: 0x0b0,
  SHMLenHigh: 0x0b4,
  SHMBaseLow: 0x0b8,
  SHMBaseHigh: 0x0bc,
  Config: 0x100,
} as const;
/** Those whose reads yield nothing. */
export const WRITE_ONLY: ReadonlySet<string> = new Set<keyof typeof REGISTER>([
  'DeviceFeaturesSel',
  'DriverFeatures',
  'DriverFeaturesSel',
  'QueueSel',
  'QueueNum',
  'QueueNotify',
  'InterruptACK',
  'QueueDescLow',
  'QueueDescHigh',
  'QueueDriverLow',
  'QueueDriverHigh',
  'QueueDeviceLow',
  'QueueDeviceHigh',
]);
/** Those that a slot without a device has. */
export const AT_EMPTY_SLOT: ReadonlySet<string> = new Set<keyof typeof REGISTER>([
  'MagicValue',
  'Version',
  'DeviceID',
  'VendorID',
]);

/** Where the halves of a queue's three addresses are. */
export const ADDRESS = {
  desc: { low: REGISTER.QueueDescLow, high: REGISTER.QueueDescHigh },
  driver: { low: REGISTER.QueueDriverLow, high: REGISTER.QueueDriverHigh },
  device: { low: REGISTER.QueueDeviceLow, high: REGISTER.QueueDeviceHigh },
} as const;
