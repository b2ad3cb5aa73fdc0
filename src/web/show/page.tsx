// The whole page: head, controls, consoles side by side, the timeline under them, and one panel for each question.

import { useEffect, useLayoutEffect, useReducer, useState } from 'preact/hooks';
import type { Language } from '../../../isa/language.ts';
import { FIRST_PAIR } from '../bundled.ts';
import type { Lab } from '../lab.ts';
import { LANGUAGES } from '../texts.ts';
import { Consoles } from './consoles.tsx';
import { Controls } from './controls.tsx';
import { Header } from './header.tsx';
import { Panels } from './panels.tsx';
import { type Appearance, firstAppearance, firstLanguage, keep, TextsProvider } from './settings.ts';
import { Timeline } from './timeline.tsx';
import { Welcome } from './welcome.tsx';

export function Page({ lab }: { readonly lab: Lab }) {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [appearance, setAppearance] = useState<Appearance>(firstAppearance);
  useEffect(() => lab.listen(() => redraw(undefined)), [lab]);
  // Before whatever reads the colours.
  useLayoutEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dataset['mode'] = appearance;
  }, [language, appearance]);
  const choose = {
    language: (chosen: Language) => {
      keep('language', chosen);
      setLanguage(chosen);
    },
    appearance: (chosen: Appearance) => {
      keep('appearance', chosen);
      setAppearance(chosen);
    },
  };
  const booted = lab.guests.length > 0;
  return (
    <TextsProvider value={LANGUAGES[language]}>
      <main class="page">
        <Header language={language} appearance={appearance} choose={choose} />
        {booted ? (
          <>
            <Controls lab={lab} />
            <Consoles key={`${lab.boots}.${appearance}`} lab={lab} />
            <Timeline lab={lab} appearance={appearance} />
          </>
        ) : (
          <Welcome onBoot={() => lab.boot(FIRST_PAIR)} refused={lab.refused} />
        )}
        <Panels lab={lab} appearance={appearance} />
      </main>
    </TextsProvider>
  );
}
