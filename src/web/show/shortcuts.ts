// Single keys for what the run's buttons do, wherever the keyboard is not needed for writing.

import { useEffect } from 'preact/hooks';

export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKeyDown = ({ key, target, ctrlKey, altKey, metaKey }: KeyboardEvent) => {
      const act = actions[key.toLowerCase()];
      if (act === undefined || ctrlKey || altKey || metaKey || writes(target)) return;
      act();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
}

/** Whether an element takes what is typed: a field, the editor, a console. */
function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable="true"]') !== null;
}
