// What a first-time visitor sees: one button.

import type { Lab } from '../lab.ts';
import { refusalOf, useTexts } from './settings.ts';

export function Welcome({ onBoot, refused }: { readonly onBoot: () => void; readonly refused: Lab['refused'] }) {
  const texts = useTexts();
  return (
    <section class="card welcome">
      <button type="button" class="primary" onClick={onBoot}>
        {texts.boot}
      </button>
      <p>{texts.welcome}</p>
      {refused === undefined ? null : (
        <p class="status wrong" role="status">
          {refusalOf(refused, texts)}
        </p>
      )}
    </section>
  );
}
