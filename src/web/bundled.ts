// The bundled guests as text, in the page: what the bundler found under guests/ when the page was built.
// Left out: guests that are not assembly, which are uploaded.

import type { GuestSource } from './protocol.ts';

interface GuestDescription {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly sources: readonly string[];
  readonly base: string;
}

export interface BundledGuest extends GuestSource {
  readonly title: string;
  readonly description: string;
}

const GUESTS = '../../guests/';
const texts: Readonly<Record<string, string>> = import.meta.glob('../../guests/**/*.{s,inc}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const descriptions: Readonly<Record<string, GuestDescription>> = import.meta.glob('../../guests/*/guest.json', {
  import: 'default',
  eager: true,
});

export const BUNDLED: readonly BundledGuest[] = Object.values(descriptions).map((guest) => {
  const folder = `${GUESTS}${guest.name}/`;
  const files = Object.entries(texts).filter(([path]) => path.startsWith(folder));
  const text = Object.fromEntries(files.map(([path, content]) => [path.slice(folder.length), content]));
  return {
    name: guest.name,
    title: guest.title,
    description: guest.description,
    base: guest.base,
    sources: guest.sources.map((name) => ({ name, text: text[name] ?? '' })),
    included: text,
  };
});

/** The two that boot side by side at the press of the button. */
export const FIRST_PAIR: readonly BundledGuest[] = ['ticks', 'lilliput'].flatMap(
  (name) => BUNDLED.find((guest) => guest.name === name) ?? [],
);
