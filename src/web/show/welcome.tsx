// What a first-time visitor sees: one button.

import type { Told } from '../../../isa/language.ts';
import { said, useTexts } from './settings.ts';

export function Welcome({ onBoot, refused }: { readonly onBoot: () => void; readonly refused: Told | undefined }) {
  const texts = useTexts();
  return (
    <section class="card welcome">
      <button type="button" class="primary" onClick={onBoot}>
        {texts.boot}
      </button>
      <p>{texts.welcome}</p>
      {refused ? <p class="status wrong">{said(refused, texts)}</p> : null}
    </section>
  );
}
