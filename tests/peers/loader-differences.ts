// What OpenSBI and U-Boot lawfully print otherwise on QEMU's board than on ours, by pattern, each with its reason. Both
// texts are put through all of them before they are compared, so that anything that is not here must be the same.
// Left out: programs other than these two.

interface Difference {
  readonly why: string;
  readonly pattern: RegExp;
  /** What stands for it on both sides. */
  readonly as: string;
}

const DIFFERENCES: readonly Difference[] = [
  { why: 'spaces around what is typed and shown', pattern: /[ \t]+$|(?<=^=>) +(?= )/gm, as: '' },
  { why: 'how many keys were typed before the prompt', pattern: /^=>\n/gm, as: '' },
  {
    why: 'each board tells its own extensions, and U-Boot has no room for so many as ours',
    pattern: /(?<=^ +\d+: cpu@\d+ +).+/gm,
    as: 'isa',
  },
  {
    why: 'likewise',
    pattern: /(?<=^(?:CPU: +|Boot HART Base ISA +: |Boot HART ISA Extensions +: ))\S+/gm,
    as: 'isa',
  },
  {
    why: 'ours has neither PCI nor flash',
    pattern: /(?<=^Core: +)\d+ devices, \d+ uclasses|^Flash: .*\n|(?<=^flash(?:start|size) +=).*/gm,
    as: '',
  },
  {
    why: 'where the tree lies follows from its size, which differs by the devices',
    pattern: /(?<=^(?:fdt_blob|new_fdt|fdt_size) +=).*|(?<=^ reserved\[\d\]).*|(?<=^Working FDT set to).*/gm,
    as: ' by the tree',
  },
  {
    why: 'QEMU passes the dynamic firmware its tree elsewhere',
    pattern: /(?<=^Domain0 Next Arg1 +: ).*/gm,
    as: 'tree',
  },
  {
    why: 'the harts race to be the first',
    pattern: /(?<=^(?:Domain0 Boot HART|Boot HART ID) +: )\d+/gm,
    as: 'some hart',
  },
  {
    why: "QEMU's harts have more counters, the H extension, and so more to delegate",
    pattern: /(?<=^Boot HART (?:MHPM Count|MIDELEG|MEDELEG) +: ).*/gm,
    as: 'by its privileges',
  },
  { why: 'how long a disk takes', pattern: /(?<=bytes read in ).*/g, as: 'some time' },
];

/** A console's text without what may differ. */
export function comparable(console: string): string {
  return DIFFERENCES.reduce((text, { pattern, as }) => text.replaceAll(pattern, as), console.replaceAll('\r', ''));
}
