/** What every page loads. Each part finds its own elements and leaves a page without them alone. */
import { startCopyButtons } from './copy-buttons.js';
import { startForms } from './forms.js';
import { startLive } from './live.js';
import { startMenus } from './menus.js';
import { startRunPreview } from './run-preview.js';
import { startTheme } from './theme.js';
import { startTimes } from './times.js';

document.documentElement.classList.add('scripts');
startTimes();
startMenus();
startTheme();
startForms();
startCopyButtons();
startRunPreview();
startLive();
// Logs and pictures bring more than all the rest, and few pages have them.
if (document.querySelector('[data-live*="run:"], #log-viewer, #zoomer, pre[data-log]'))
  void import('./show.js').then(({ startShow }) => startShow());
if (document.getElementById('table-page')) void import('./table-page.js').then(({ startTablePage }) => startTablePage());
if (document.querySelector('[data-plot]')) void import('./plots/start-plots.js').then(({ startPlots }) => startPlots());
if (document.querySelector('#viewer')) void import('./viewer/start.js').then(({ startViewer }) => startViewer());
if (document.querySelector('#linked-viewers')) void import('./viewer/linked/start-linked.js').then(({ startLinked }) => startLinked());
