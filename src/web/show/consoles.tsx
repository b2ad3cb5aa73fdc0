// The guests side by side, each with its console: what it writes, and what is typed on it.

import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { useEffect, useRef } from 'preact/hooks';
import type { Lab, ShownGuest } from '../lab.ts';
import type { Texts } from '../texts.ts';
import { useTexts } from './settings.ts';

const MODES = ['U', 'S', '?', 'M'];
const SCROLLBACK = 2000;
/** Beside the page's own size, which the appearance sets. */
const CONSOLE_SIZE = 13 / 16;

export function Consoles({ lab }: { readonly lab: Lab }) {
  const terminals = useRef<Terminal[]>([]);
  useEffect(() => {
    lab.onOutput = (guest, bytes) => terminals.current[guest]?.write(bytes);
  }, [lab]);
  return (
    <div class="consoles">
      {lab.guests.map((guest, index) => (
        <Guest
          key={guest.name}
          lab={lab}
          guest={guest}
          index={index}
          onTerminal={(terminal) => {
            for (const bytes of guest.output) terminal.write(bytes);
            terminals.current[index] = terminal;
          }}
        />
      ))}
    </div>
  );
}

interface GuestProps {
  readonly lab: Lab;
  readonly guest: ShownGuest;
  readonly index: number;
  readonly onTerminal: (terminal: Terminal) => void;
}

function Guest({ lab, guest, index, onTerminal }: GuestProps) {
  const texts = useTexts();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    return openTerminal(place.current, `${texts.console} ${guest.name}`, onTerminal, (text) =>
      lab.send({ kind: 'type', guest: index, text }),
    );
  }, [lab, index]);
  const { frame } = guest;
  const mode = MODES[frame?.privilege ?? 0] ?? '';
  return (
    <article class="card guest" data-focus={lab.focus === index} aria-label={guest.name}>
      <header>
        <h2>
          <button type="button" aria-pressed={lab.focus === index} onClick={() => lab.focusOn(index)}>
            {guest.name}
          </button>
        </h2>
        <span class="mode" data-mode={mode}>
          {mode}
        </span>
        <span class="facts">
          {stateOf(frame, texts)}
          {(frame?.steps ?? 0).toLocaleString('en')} {texts.steps}
        </span>
      </header>
      <div class="terminal" ref={place} />
    </article>
  );
}

/** What a guest does, if it does not run. */
function stateOf(frame: ShownGuest['frame'], { waiting, outcomes }: Texts): string {
  if (frame?.outcome === undefined) return frame?.waiting ? `${waiting} · ` : '';
  return `${outcomes[frame.outcome.kind]} ${'code' in frame.outcome ? frame.outcome.code : ''} · `;
}

function openTerminal(
  place: HTMLElement,
  label: string,
  onTerminal: (terminal: Terminal) => void,
  onTyped: (text: string) => void,
): () => void {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const terminal = new Terminal({
    convertEol: true,
    scrollback: SCROLLBACK,
    fontFamily: token('--font-code'),
    fontSize: Number.parseFloat(style.fontSize) * CONSOLE_SIZE,
    lineHeight: 1.2,
    theme: { background: token('--console'), foreground: token('--console-ink') },
  });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(place);
  terminal.textarea?.setAttribute('aria-label', label);
  // The keyboard leaves a console as it leaves any field.
  terminal.attachCustomKeyEventHandler(({ key }) => key !== 'Tab');
  terminal.onData(onTyped);
  const watched = new ResizeObserver(() => fit.fit());
  watched.observe(place);
  onTerminal(terminal);
  return () => {
    watched.disconnect();
    terminal.dispose();
  };
}
