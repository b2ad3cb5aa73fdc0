// One panel for each question that somebody may have about the guest in focus, one at a time. The plot and the editor
// are loaded when they are wanted first, so that the consoles need not wait for them.

import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Lab } from '../lab.ts';
import { ExitPanel } from './exit-panel.tsx';
import { type Appearance, useTexts } from './settings.ts';
import { StatePanel } from './state-panel.tsx';
import { WalkPanel } from './walk-panel.tsx';

interface PanelProps {
  readonly lab: Lab;
  readonly appearance: Appearance;
}
type Panel = ComponentType<PanelProps>;

const PANELS = {
  tabExit: ExitPanel,
  tabMonitor: later(async () => (await import('./monitor-panel.tsx')).MonitorPanel),
  tabWalk: WalkPanel,
  tabShadow: later(async () => (await import('./shadow-panel.tsx')).ShadowPanel),
  tabState: StatePanel,
  tabBreaks: later(async () => (await import('./breaks-panel.tsx')).BreaksPanel),
  tabLedger: later(async () => (await import('./ledger-panel.tsx')).LedgerPanel),
  tabOwn: later(async () => (await import('./own-guest-panel.tsx')).OwnGuestPanel),
} satisfies Record<string, Panel>;
type Tab = keyof typeof PANELS;
const TABS = Object.keys(PANELS) as Tab[]; // its own keys

export function Panels({ lab, appearance }: PanelProps) {
  const texts = useTexts();
  const [tab, setTab] = useState<Tab>(location.hash.startsWith('#guest=') ? 'tabOwn' : 'tabExit');
  useEffect(() => {
    if (lab.chosen !== undefined) setTab('tabExit');
  }, [lab.chosen]);
  const { monitor } = lab;
  useEffect(() => {
    if (monitor !== undefined) setTab('tabMonitor');
  }, [monitor]);
  const beside = (by: number) => setTab(TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? tab);
  const Chosen: Panel = PANELS[tab];
  return (
    <section class="card">
      <div
        class="tabs"
        role="tablist"
        tabIndex={-1}
        onKeyDown={({ key, currentTarget }) => {
          if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
          beside(key === 'ArrowLeft' ? -1 : 1);
          requestAnimationFrame(() => currentTarget.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
        }}
      >
        {TABS.map((each) => (
          <button
            key={each}
            id={each}
            type="button"
            role="tab"
            aria-selected={each === tab}
            aria-controls="panel"
            tabIndex={each === tab ? 0 : -1}
            onClick={() => setTab(each)}
          >
            {texts[each]}
          </button>
        ))}
      </div>
      <div id="panel" class="section" role="tabpanel" aria-labelledby={tab}>
        <Chosen key={tab} lab={lab} appearance={appearance} />
      </div>
    </section>
  );
}

/** A panel that is fetched when it is shown first. */
function later(load: () => Promise<Panel>): Panel {
  let loaded: Panel | undefined;
  return function Later(props: PanelProps) {
    const [Loaded, setLoaded] = useState<Panel | undefined>(() => loaded);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then((panel) => {
        loaded = panel;
        setLoaded(() => panel);
      });
    }, []);
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
}
