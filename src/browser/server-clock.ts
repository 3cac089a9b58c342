/** What time it is by the clock of the server: the one of this machine may be wrong by hours, and all times of a page are the server's. */

/** Less than that is how long pages travel, or how well clocks are set. */
const TOLERANCE_MS = 3000;

let offsetMs = 0;

/** Milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** @param root of a page that has just come. @param sinceMs how long ago it came. */
export function setClockBy(root: ParentNode, sinceMs = 0): void {
  const writtenMs = Number(root.querySelector<HTMLElement>('[data-written]')?.dataset['written']);
  if (!(writtenMs > 0)) return;
  const apartMs = writtenMs + sinceMs - Date.now();
  offsetMs = Math.abs(apartMs) < TOLERANCE_MS ? 0 : apartMs;
}

/** Milliseconds from the beginning of the navigation until the page began to come; what lies before is no age of the page. */
export function pageCameMs(): number {
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return navigation?.responseStart ?? 0;
}
