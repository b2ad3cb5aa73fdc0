// A source as a link: compressed, in the URL's fragment, which browsers keep to themselves.

const PREFIX = '#guest=';

export async function linkOf(text: string): Promise<string> {
  const packed = await through(new TextEncoder().encode(text), new CompressionStream('deflate-raw'));
  // Letter by letter: a call takes only so many arguments.
  const letters = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(''));
  return PREFIX + letters.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The source that a fragment holds; undefined where it holds none that can be read. */
export async function sourceOf(fragment: string): Promise<string | undefined> {
  if (!fragment.startsWith(PREFIX)) return undefined;
  try {
    const letters = atob(fragment.slice(PREFIX.length).replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(await through(packed, new DecompressionStream('deflate-raw')));
  } catch {
    return undefined;
  }
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
