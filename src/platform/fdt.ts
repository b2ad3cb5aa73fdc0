// Writes a flattened device tree: the binary format, version 17, of the Devicetree Specification, from nodes as data.
// What the nodes say of this board is in devicetree.ts. Left out: reading, overlays, memory reservations.

/** A property's value: cells of 32 bits, a string, strings, or nothing. */
export type Property = readonly number[] | string | readonly string[] | true;

export interface Node {
  readonly name: string;
  readonly properties: Readonly<Record<string, Property>>;
  readonly children?: readonly Node[];
}

const MAGIC = 0xd00d_feed;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;
const Token = { beginNode: 1, endNode: 2, property: 3, end: 9 } as const;
const CELL_BYTES = 4;
const HEADER_CELLS = 10;
/** One entry of two doublewords, both zero, ends the list of reserved memory. */
const RESERVATION_BYTES = 16;

export function flatten(root: Node): Uint8Array {
  const structure = new Block();
  const strings = new Block();
  const offsets = new Map<string, number>();
  const offsetOf = (name: string): number => {
    const known = offsets.get(name);
    if (known !== undefined) return known;
    const offset = strings.bytes.length;
    offsets.set(name, offset);
    strings.text(name);
    return offset;
  };
  const write = ({ name, properties, children = [] }: Node): void => {
    structure.cell(Token.beginNode).text(name).pad();
    for (const [property, value] of Object.entries(properties)) {
      const encoded = encode(value);
      structure.cell(Token.property).cell(encoded.length).cell(offsetOf(property));
      structure.append(encoded).pad();
    }
    for (const child of children) write(child);
    structure.cell(Token.endNode);
  };
  write(root);
  structure.cell(Token.end);

  const reservationsAt = HEADER_CELLS * CELL_BYTES;
  const structureAt = reservationsAt + RESERVATION_BYTES;
  const stringsAt = structureAt + structure.bytes.length;
  const total = stringsAt + strings.bytes.length;
  const file = new Block();
  file.cell(MAGIC).cell(total).cell(structureAt).cell(stringsAt).cell(reservationsAt);
  file.cell(VERSION).cell(LAST_COMPATIBLE_VERSION).cell(0); // the hart that boots
  file.cell(strings.bytes.length).cell(structure.bytes.length);
  file.append(new Array(RESERVATION_BYTES).fill(0)).append(structure.bytes).append(strings.bytes);
  return Uint8Array.from(file.bytes);
}

function encode(value: Property): readonly number[] {
  const block = new Block();
  if (value === true) return [];
  if (typeof value === 'string') block.text(value);
  else for (const item of value) typeof item === 'string' ? block.text(item) : block.cell(item);
  return block.bytes;
}

/** Bytes that grow; numbers are big-endian in a device tree. */
class Block {
  readonly bytes: number[] = [];

  cell(value: number): this {
    return this.append([value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
  }
  /** A string with its final zero, in UTF-8. */
  text(value: string): this {
    return this.append(new TextEncoder().encode(value)).append([0]);
  }
  append(bytes: Iterable<number>): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
  pad(): this {
    while (this.bytes.length % CELL_BYTES !== 0) this.bytes.push(0);
    return this;
  }
}
