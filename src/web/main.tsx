// The page's first script: one laboratory, one page over it.

import { render } from 'preact';
import '@xterm/xterm/css/xterm.css';
import 'uplot/dist/uPlot.min.css';
import './tokens.css';
import './page.css';
import { Lab } from './lab.ts';
import { Page } from './show/page.tsx';

const root = document.getElementById('page');
if (root !== null) render(<Page lab={new Lab()} />, root);
