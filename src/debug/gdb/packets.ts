// The framing of GDB's remote protocol ("Debugging with GDB", appendix E.1): `$data#checksum`, acknowledged by `+` until
// both agree to leave that out, `}` before an escaped byte, and 0x03 alone to interrupt. Bytes in, packets out; what is
// too long or no packet is dropped with a `-`, never kept.

/** The longest packet that is taken, which `qSupported` tells. */
export const LONGEST_PACKET = 0x4000;

const START = 0x24; // $
const END = 0x23; // #
const ESCAPE = 0x7d; // }
const ESCAPED = 0x20;
const INTERRUPT = 0x03;
const BYTE = 0xff;

export type Received =
  | { readonly kind: 'packet'; readonly data: string }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'damaged' };

export class PacketReader {
  private state: 'outside' | 'data' | 'escaped' | 'checksum' = 'outside';
  private data: number[] = [];
  private sum = 0;
  private digits = '';

  /** Packets that are complete with these bytes. One is Latin-1 text: each character a byte. */
  push(bytes: Uint8Array): Received[] {
    const found: Received[] = [];
    for (const byte of bytes) {
      const received = this.take(byte);
      if (received !== undefined) found.push(received);
    }
    return found;
  }

  private take(byte: number): Received | undefined {
    if (this.state === 'checksum') return this.checksum(byte);
    if (byte === START) this.begin();
    else if (this.state === 'outside') return byte === INTERRUPT ? { kind: 'interrupt' } : undefined;
    else if (byte === END && this.state === 'data') this.state = 'checksum';
    else return this.collect(byte);
    return undefined;
  }

  private begin(): void {
    this.state = 'data';
    this.data = [];
    this.sum = 0;
    this.digits = '';
  }

  private collect(byte: number): Received | undefined {
    this.sum = (this.sum + byte) & BYTE;
    if (this.state === 'data' && byte === ESCAPE) {
      this.state = 'escaped';
      return undefined;
    }
    this.data.push(this.state === 'escaped' ? byte ^ ESCAPED : byte);
    this.state = 'data';
    if (this.data.length <= LONGEST_PACKET) return undefined;
    this.state = 'outside';
    return { kind: 'damaged' };
  }

  private checksum(byte: number): Received | undefined {
    this.digits += String.fromCharCode(byte);
    if (this.digits.length < 2) return undefined;
    this.state = 'outside';
    const isRight = /^[0-9a-f]{2}$/i.test(this.digits) && Number.parseInt(this.digits, 16) === this.sum;
    return isRight ? { kind: 'packet', data: latin1(this.data) } : { kind: 'damaged' };
  }
}

/** A packet around Latin-1 text, as bytes. */
export function frame(data: string): Uint8Array {
  const bytes: number[] = [START];
  let sum = 0;
  for (let i = 0; i < data.length; i++) {
    const byte = data.charCodeAt(i) & BYTE;
    const isSpecial = byte === START || byte === END || byte === ESCAPE || byte === 0x2a;
    const sent = isSpecial ? [ESCAPE, byte ^ ESCAPED] : [byte];
    for (const each of sent) sum = (sum + each) & BYTE;
    bytes.push(...sent);
  }
  const digits = sum.toString(16).padStart(2, '0');
  bytes.push(END, digits.charCodeAt(0), digits.charCodeAt(1));
  return Uint8Array.from(bytes);
}

function latin1(bytes: readonly number[]): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
