/** What every page loads. Each part finds its own elements and leaves a page without them alone. */
import { startCopyButtons } from './copy-buttons.js';
import { startForms } from './forms.js';
import { startLive } from './live.js';
import { startMenus } from './menus.js';
import { startShow } from './show.js';
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
startShow();
