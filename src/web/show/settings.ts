// Appearance and language: what the browser says until somebody chooses, and what was chosen from then on.

import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Language, Told } from '../../../isa/language.ts';
import { LANGUAGES, type Texts } from '../texts.ts';

export const APPEARANCES = ['light', 'dark', 'projector'] as const;
export type Appearance = (typeof APPEARANCES)[number];

const TextsContext = createContext<Texts>(LANGUAGES.en);
export const TextsProvider = TextsContext.Provider;
export const useTexts = () => useContext(TextsContext);
/** What the worker said: a name, which is the same in every language, or a text in each. */
export const said = (what: string | Told, { languageCode }: Texts) =>
  typeof what === 'string' ? what : what[languageCode];

/** What is refused says so itself, or it is source with errors, which the editor shows. */
export const refusalOf = ({ message }: { readonly message: Told | undefined }, texts: Texts) =>
  message === undefined ? texts.doesNotAssemble : said(message, texts);

export function firstAppearance(): Appearance {
  const kept = recall('appearance');
  const found = APPEARANCES.find((each) => each === kept);
  return found ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
}
export function firstLanguage(): Language {
  const kept = recall('language') ?? navigator.language.slice(0, 2);
  return kept === 'ko' ? 'ko' : 'en';
}

/** A page that may not keep anything forgets it. */
export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`trapeze.${name}`, value);
  } catch {}
}
function recall(name: string): string | undefined {
  try {
    return localStorage.getItem(`trapeze.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}
