/** Which files a parameter takes: endings of names, compared without regard to capitals. An empty list takes all. */

/** `tif`, `.TIF` and `*.tif` all mean `.tif`. */
export function normaliseEnding(text: string): string {
  return `.${text
    .trim()
    .replace(/^\*?\.?/, '')
    .toLowerCase()}`;
}

export function accepts(accept: readonly string[], fileName: string): boolean {
  const name = fileName.toLowerCase();
  return accept.length === 0 || accept.some((ending) => name.endsWith(ending));
}
