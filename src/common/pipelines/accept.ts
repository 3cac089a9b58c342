import { text } from '../../locales/text';

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

const MOST_NAMED = 5;

/** The endings for a sentence, the first of a long list: `.fa, .fasta, .fna or the like`. */
export function namedEndings(accept: readonly string[]): string {
  if (accept.length <= MOST_NAMED) return accept.join(', ');
  return text('pipelines.someEndings', { endings: accept.slice(0, MOST_NAMED - 1).join(', ') });
}
