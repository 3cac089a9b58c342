import { followLog } from './follow-log.js';
import { startZoom } from './zoom.js';

/**
 * The page of a run: follows a growing log, and looks at pictures closely. Without scripts the log is as it was when the page was made,
 * and a picture opens by itself.
 */
export function startShow(): void {
  followLog();
  document.addEventListener('live:merged', followLog);
  startZoom();
}
