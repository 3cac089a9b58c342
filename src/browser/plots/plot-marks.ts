const LEAVING = ['beforeunload', 'pagehide'] as const;
const FAREWELL_MS = 800;

/** A page that asked for a download only was not left after all. */
const STILL_HERE_MS = 3000;

let isLeaving = false;
// The browser waits for what is done before a page is unloaded; it shows the next page while this one still hides.
addEventListener('beforeunload', () => {
  isLeaving = true;
  setTimeout(() => (isLeaving = false), STILL_HERE_MS);
});

/**
 * Remembers, for as long as a tab is open, that a plot is being drawn. A mark that is still there when the page is opened again means that
 * the plot ended the page: whoever leaves a page, or waits until the plot is drawn or refused, takes the mark away.
 */
export class PlotMark {
  private readonly key: string;

  constructor(address: string) {
    this.key = `plot-drawing:${address}`;
  }

  set(): void {
    if (isLeaving) return;
    try {
      sessionStorage.setItem(this.key, '1');
      for (const event of LEAVING) addEventListener(event, this.clear);
    } catch {
      // A browser that keeps nothing draws every plot.
    }
  }

  readonly clear = (): void => {
    for (const event of LEAVING) removeEventListener(event, this.clear);
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      // It was never set.
    }
  };

  /** Whether an earlier page left it; that page may still be saying farewell when this one opens. */
  async isLeft(): Promise<boolean> {
    if (!this.isSet()) return false;
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    return this.isSet();
  }

  private isSet(): boolean {
    try {
      return sessionStorage.getItem(this.key) !== null;
    } catch {
      return false;
    }
  }
}
