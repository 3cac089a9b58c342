/** How long what was taken away can come back: longer than the page that offers it is likely to stay open. */
export const UNDO_MS = 3_600_000;
