/** The picture in place of one that could not be made. @param words from the locales, without markup. */
export function noPreviewImage(words: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="374" viewBox="0 0 480 374"><rect width="480" height="374" fill="#1c1c21"/><text x="240" y="192" fill="#b3b2ba" font-family="system-ui, sans-serif" font-size="16" text-anchor="middle">${words}</text></svg>`;
}

/** The same as an icon, for lists. */
export function noThumbnailImage(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="74" viewBox="0 0 96 74"><rect width="96" height="74" fill="#1c1c21"/><g fill="none" stroke="#b3b2ba" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><path d="M34 21h28a4 4 0 0 1 4 4v24a4 4 0 0 1-4 4H34a4 4 0 0 1-4-4V25a4 4 0 0 1 4-4"/><path d="m30 46 9-9 14 14m0-7 4-4 9 9M26 17l44 40"/></g></svg>`;
}

/** In place of a small picture that is still being made: a clock, which nobody takes for a damaged file. */
export function thumbnailLaterImage(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="74" viewBox="0 0 96 74"><rect width="96" height="74" fill="#1c1c21"/><g fill="none" stroke="#b3b2ba" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round"><circle cx="48" cy="37" r="16"/><path d="M48 27v10l7 5"/></g></svg>`;
}
