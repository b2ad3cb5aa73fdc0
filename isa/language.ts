// The languages in which people are told about the machine. The manual's names (registers, CSRs, fields, mnemonics) are
// the same in each of them.

export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];
/** The same in each language. */
export type Told<T = string> = Readonly<Record<Language, T>>;

/** The same telling, once in each language. */
export const inEach = <T>(tell: (language: Language) => T): Told<T> => ({ en: tell('en'), ko: tell('ko') });
