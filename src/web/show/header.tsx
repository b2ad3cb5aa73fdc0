// What this page is, and how it should look.

import type { Language } from '../../../isa/language.ts';
import type { LANGUAGES } from '../texts.ts';
import { APPEARANCES, type Appearance, useTexts } from './settings.ts';

interface Choose {
  language(chosen: Language): void;
  appearance(chosen: Appearance): void;
}

export function Header({
  language,
  appearance,
  choose,
}: {
  language: Language;
  appearance: Appearance;
  choose: Choose;
}) {
  const texts = useTexts();
  const other = language === 'en' ? 'ko' : 'en';
  return (
    <header class="header">
      <h1>Trapeze</h1>
      <p>{texts.tagline}</p>
      <div class="settings">
        <select
          aria-label={texts.mode}
          value={appearance}
          onChange={({ currentTarget }) => choose.appearance(APPEARANCES[currentTarget.selectedIndex] ?? 'light')}
        >
          {APPEARANCES.map((each) => (
            <option key={each} value={each}>
              {texts[each]}
            </option>
          ))}
        </select>
        <button type="button" lang={other} onClick={() => choose.language(other)}>
          {NAMES[other]}
        </button>
      </div>
    </header>
  );
}

const NAMES: Readonly<Record<keyof typeof LANGUAGES, string>> = { en: 'English', ko: '한국어' };
