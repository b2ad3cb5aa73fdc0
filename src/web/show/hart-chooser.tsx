// Which virtual CPU of the guest in focus is looked at: one of them for good, or whichever has its turn.

import type { Lab } from '../lab.ts';
import { useTexts } from './settings.ts';

const TURN = '';

export function HartChooser({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const { state } = lab;
  if (state === undefined || state.harts === 1) return null;
  const harts = Array.from({ length: state.harts }, (_, hart) => hart);
  return (
    <label>
      {texts.cpu}
      <select
        value={lab.hart === undefined ? TURN : `${lab.hart}`}
        onChange={({ currentTarget: { value } }) => lab.lookAt(value === TURN ? undefined : Number(value))}
      >
        <option value={TURN}>{`${texts.whoseTurn} (${state.hart})`}</option>
        {harts.map((hart) => (
          <option key={hart} value={`${hart}`}>
            {hart}
          </option>
        ))}
      </select>
    </label>
  );
}
