/** The picture in place of one that could not be made. @param words from the locales, without markup. */
export function noPreviewImage(words: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="374" viewBox="0 0 480 374"><rect width="480" height="374" fill="#1c1c21"/><text x="240" y="192" fill="#b3b2ba" font-family="system-ui, sans-serif" font-size="18" text-anchor="middle">${words}</text></svg>`;
}
