const UTF8 = '; charset=utf-8';

/** What files of a page are, by their ending; everything else is bytes. No XHTML: it runs scripts, and `GUARD` is written for HTML. */
const TYPES: Record<string, string> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  css: `text/css${UTF8}`,
  csv: `text/csv${UTF8}`,
  dzi: 'application/xml',
  geojson: 'application/geo+json',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: `text/javascript${UTF8}`,
  json: 'application/json',
  map: 'application/json',
  md: `text/plain${UTF8}`,
  mjs: `text/javascript${UTF8}`,
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  otf: 'font/otf',
  png: 'image/png',
  svg: 'image/svg+xml',
  tmap: 'application/json',
  tsv: `text/tab-separated-values${UTF8}`,
  ttf: 'font/ttf',
  txt: `text/plain${UTF8}`,
  wasm: 'application/wasm',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  xml: 'application/xml',
};

/** @param name for people, see `showEntryName`. */
export function contentTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const ending = name.slice(dot + 1).toLowerCase();
  return (dot !== -1 && Object.hasOwn(TYPES, ending) && TYPES[ending]) || 'application/octet-stream';
}

/** Pages that are shown in a frame. @param name as above. */
export function isHtml(name: string): boolean {
  return contentTypeOf(name) === 'text/html';
}
