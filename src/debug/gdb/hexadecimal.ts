// Numbers and bytes as the remote protocol writes them: registers and memory byte by byte in the target's order, which
// is little-endian, and text as the bytes of its characters.

/** A register of so many bytes. */
export function registerHex(value: bigint, bytes: number): string {
  let text = '';
  for (let i = 0; i < bytes; i++) text += byteHex(Number((value >> BigInt(8 * i)) & 0xffn));
  return text;
}

/** Undefined where the text is not whole bytes in hexadecimal. */
export function registerValue(text: string): bigint | undefined {
  const bytes = bytesOf(text);
  if (bytes === undefined || bytes.length === 0) return undefined;
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

export const byteHex = (byte: number) => byte.toString(16).padStart(2, '0');
export const bytesHex = (bytes: Uint8Array) => Array.from(bytes, byteHex).join('');
export const textHex = (text: string) => bytesHex(new TextEncoder().encode(text));

export function bytesOf(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** A number in hexadecimal of at most 16 digits; undefined for anything else. */
export function number(text: string | undefined): bigint | undefined {
  return text !== undefined && /^[0-9a-f]{1,16}$/i.test(text) ? BigInt(`0x${text}`) : undefined;
}
