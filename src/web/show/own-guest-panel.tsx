// A guest of the visitor's own: source in an editor that shows what the assembler says, examples to start from, a link
// that holds the whole source, and images from a file.

import { useEffect, useRef, useState } from 'preact/hooks';
import { BUNDLED } from '../bundled.ts';
import type { Lab } from '../lab.ts';
import type { GuestSource } from '../protocol.ts';
import { linkOf, sourceOf } from '../share.ts';
import { type Editor, openEditor } from './editor.ts';
import { useTexts } from './settings.ts';

const NAME = 'own';
const FILE = 'own.s';
const BASE = '0x80000000';
/** Virtual CPUs that a guest may be given. */
const HARTS = [1, 2, 3, 4];
/** Milliseconds without a key after which the source is assembled. */
const PAUSE = 300;

const single = BUNDLED.filter(({ sources }) => sources.length === 1);
const own = (text: string): GuestSource => ({ name: NAME, base: BASE, sources: [{ name: FILE, text }], included: {} });

export function OwnGuestPanel({ lab }: { readonly lab: Lab }) {
  const texts = useTexts();
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const [shared, setShared] = useState(false);
  const [harts, setHarts] = useState(1);
  const wanted = useRef(harts);
  wanted.current = harts;
  const boot = (guest: GuestSource) => lab.boot([{ ...guest, harts: wanted.current }]);
  useEffect(() => {
    if (place.current === null) return;
    let timer = 0;
    const check = (text: string) => {
      clearTimeout(timer);
      timer = window.setTimeout(() => lab.send({ kind: 'check', guest: own(text) }), PAUSE);
    };
    const made = openEditor(place.current, {
      label: texts.edit,
      text: single[0]?.sources[0]?.text ?? '',
      onChange: check,
      onSave: (text) => boot(own(text)),
    });
    editor.current = made;
    sourceOf(location.hash).then((text) => text !== undefined && made.set(text));
    return () => {
      clearTimeout(timer);
      made.close();
    };
  }, [lab]);
  useEffect(() => editor.current?.show(lab.checked), [lab.checked]);
  const share = async () => {
    const link = await linkOf(editor.current?.text() ?? '');
    history.replaceState(null, '', link);
    await navigator.clipboard?.writeText(location.href).catch(() => {});
    setShared(true);
  };
  return (
    <>
      <div class="controls">
        <label>
          {texts.example}
          <select
            onChange={({ currentTarget }) =>
              editor.current?.set(single[currentTarget.selectedIndex]?.sources[0]?.text ?? '')
            }
          >
            {single.map(({ name, title }) => (
              <option key={name}>{title}</option>
            ))}
          </select>
        </label>
        <button type="button" class="primary" onClick={() => boot(own(editor.current?.text() ?? ''))}>
          {texts.runOwn}
        </button>
        <button type="button" onClick={share}>
          {texts.share}
        </button>
        <label>
          {texts.upload}
          <input
            type="file"
            onChange={async ({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file === undefined) return;
              const image = new Uint8Array(await file.arrayBuffer());
              currentTarget.value = ''; // so that the same file, built anew, is another choice
              boot({ name: file.name, base: BASE, sources: [], included: {}, image });
            }}
          />
        </label>
        <label>
          {texts.bootBundled}
          <select
            value=""
            onChange={({ currentTarget }) => {
              const guest = BUNDLED.find(({ name }) => name === currentTarget.value);
              currentTarget.value = '';
              if (guest !== undefined) boot(guest);
            }}
          >
            <option value="">…</option>
            {BUNDLED.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <label>
          {texts.cpus}
          <select value={harts} onChange={({ currentTarget }) => setHarts(Number(currentTarget.value))}>
            {HARTS.map((count) => (
              <option key={count}>{count}</option>
            ))}
          </select>
        </label>
      </div>
      {shared ? (
        <p class="status" role="status">
          {texts.shared}
        </p>
      ) : null}
      <div class="editor" ref={place} />
      <ul class="errors" aria-live="polite">
        {lab.checked.map(({ line, column, message, hint }) => (
          <li key={`${line}.${column}.${message}`}>
            {line}:{column} {message}
            {hint === undefined ? '' : ` (${hint})`}
          </li>
        ))}
      </ul>
    </>
  );
}
