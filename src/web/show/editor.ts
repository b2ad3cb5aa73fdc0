// The editor: CodeMirror with what an assembler needs, errors underlined where the assembler found them. Ctrl-S or
// Cmd-S runs. Left out: completion.

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { SourceError } from '../protocol.ts';

export interface Editor {
  text(): string;
  set(text: string): void;
  show(errors: readonly SourceError[]): void;
  close(): void;
}

interface Options {
  readonly label: string;
  readonly text: string;
  onChange(text: string): void;
  onSave(text: string): void;
}

export function openEditor(parent: HTMLElement, { label, text, onChange, onSave }: Options): Editor {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        lintGutter(),
        ASSEMBLY,
        syntaxHighlighting(COLOURS),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
        EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange(state.doc.toString())),
        keymap.of([
          {
            key: 'Mod-s',
            run: ({ state }) => {
              onSave(state.doc.toString());
              return true;
            },
          },
          ...defaultKeymap,
          ...historyKeymap,
        ]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    set: (insert) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert } }),
    show: (errors) => view.dispatch(setDiagnostics(view.state, diagnostics(view.state, errors))),
    close: () => view.destroy(),
  };
}

function diagnostics({ doc }: EditorState, errors: readonly SourceError[]): Diagnostic[] {
  return errors.map(({ line, column, length, severity, message }) => {
    const at = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const from = Math.min(at.from + column - 1, at.to);
    return { from, to: Math.min(from + length, at.to), severity, message };
  });
}

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/^(#|\/\/).*/, 'comment'],
  [/^"(?:[^"\\]|\\.)*"/, 'string'],
  [/^\.[a-z]\w*/i, 'meta'],
  [/^[\w.$]+:/, 'labelName'],
  [/^(?:0x[0-9a-f]+|\d+)[fb]?\b/i, 'number'],
  [/^(?:zero|ra|sp|gp|tp|[ast]\d+|x\d+)\b/, 'variableName'],
  [/^[a-z][\w.]*/i, 'keyword'],
];

const ASSEMBLY = StreamLanguage.define({
  token: (stream) => {
    if (stream.eatSpace()) return null;
    for (const [pattern, token] of PATTERNS) if (stream.match(pattern)) return token;
    stream.next();
    return null;
  },
});

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, color: 'var(--ink-soft)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--interrupt)' },
  { tag: tags.meta, color: 'var(--machine)' },
  { tag: tags.labelName, color: 'var(--accent)', fontWeight: '600' },
  { tag: tags.number, color: 'var(--device)' },
  { tag: tags.variableName, color: 'var(--user)' },
  { tag: tags.keyword, color: 'var(--kernel)' },
]);
