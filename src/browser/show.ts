import { followLog } from './follow-log.js';
import { startResults } from './follow-results.js';
import { startLogViewer } from './log-viewer.js';
import { startZoom } from './zoom.js';

/**
 * The page of a run and the page of its log: follows a growing log and growing results, and looks at pictures closely. Without scripts a log is as it was when the page was made,
 * and a picture opens by itself.
 */
export function startShow(): void {
  followLog();
  document.addEventListener('live:merged', followLog);
  startResults();
  startLogViewer();
  startZoom();
}
