/**
 * How a result is shown when no rule of its pipeline says otherwise. `image` needs no rendering, `scan` does before a browser shows it; a
 * `drawing` is a picture that can hold a program, and a `page` is opened on a page of ours that holds it in a frame.
 */
export type FileKind = 'image' | 'scan' | 'drawing' | 'plot' | 'page' | 'table' | 'text' | 'other';

export interface FileType {
  kind: FileKind;
  /** Content type under which a browser may open it in place; null: it is only ever handed out as a download. */
  inline: string | null;
  /** Content type under which an `img` may show it, in which nothing can run; opened by itself it is a download. */
  picture?: string;
  icon: string;
}

const PLAIN_TEXT = 'text/plain; charset=utf-8';
const IMAGES: Record<string, string> = { png: 'image/png', jpg: 'image/jpeg', jpeg: 'image/jpeg', webp: 'image/webp', gif: 'image/gif' };
const SCANS = ['tif', 'tiff', 'avif', 'heic', 'heif'];
const TABLES = ['csv', 'tsv', 'tab'];
const TEXTS = 'txt log out err md json yaml yml toml ini cfg fa fasta fna faa fastq fq bed gff gtf vcf sam nwk pdb'.split(' ');

const PAGE: FileType = { kind: 'page', inline: null, icon: 'file-type-html' };
const DOCUMENT: FileType = { kind: 'page', inline: null, icon: 'file-type-pdf' };
const PLOT: FileType = { kind: 'plot', inline: PLAIN_TEXT, icon: 'chart-dots' };
const OTHER: FileType = { kind: 'other', inline: null, icon: 'file' };
const ARCHIVE: FileType = { kind: 'other', inline: null, icon: 'file-zip' };
const BY_ENDING = new Map<string, FileType>([
  ...Object.entries(IMAGES).map(([ending, inline]): [string, FileType] => [ending, { kind: 'image', inline, icon: 'photo' }]),
  ...SCANS.map((ending): [string, FileType] => [ending, { kind: 'scan', inline: null, icon: 'photo' }]),
  ...TABLES.map((ending): [string, FileType] => [ending, { kind: 'table', inline: PLAIN_TEXT, icon: 'table' }]),
  ...TEXTS.map((ending): [string, FileType] => [ending, { kind: 'text', inline: PLAIN_TEXT, icon: 'file-text' }]),
  ['html', PAGE],
  ['htm', PAGE],
  ['pdf', DOCUMENT],
  ['svg', { kind: 'drawing', inline: null, picture: 'image/svg+xml', icon: 'file-type-svg' }],
  ['zip', ARCHIVE],
]);

/**
 * The type of a file by the ending of its name. Only what cannot carry a program for the browser has an `inline` type: never HTML,
 * SVG, XML or PDF; a file that lies about its ending is harmless under the type it claims (and `nosniff`).
 * @param name for people, see `showEntryName`.
 */
export function fileTypeOf(name: string): FileType {
  if (isPlot(name)) return PLOT;
  const dot = name.lastIndexOf('.');
  return (dot === -1 ? undefined : BY_ENDING.get(name.slice(dot + 1).toLowerCase())) ?? OTHER;
}

/** Plots as Vega-Lite or Vega describe them. @param name as in `fileTypeOf`. */
export function isPlot(name: string): boolean {
  return /\.v[gl]\.json$/i.test(name);
}

/** Archives that can be unpacked in a project. @param name as in `fileTypeOf`. */
export function isZip(name: string): boolean {
  return /\.zip$/i.test(name);
}

/** Documents are shown by the browser's own viewer, under an address of their own. @param name as in `fileTypeOf`. */
export function isPdf(name: string): boolean {
  return /\.pdf$/i.test(name);
}
