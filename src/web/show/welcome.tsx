// What a first-time visitor sees: one button.

import { useTexts } from './settings.ts';

export function Welcome({ onBoot, refused }: { readonly onBoot: () => void; readonly refused: string | undefined }) {
  const texts = useTexts();
  return (
    <section class="card welcome">
      <button type="button" class="primary" onClick={onBoot}>
        {texts.boot}
      </button>
      <p>{texts.welcome}</p>
      {refused ? <p class="status wrong">{refused}</p> : null}
    </section>
  );
}
