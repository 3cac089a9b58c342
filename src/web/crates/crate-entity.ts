import { isUtf8 } from 'node:buffer';
import { showEntryName } from '../../common/files/entry-name';
import { fileTypeOf } from '../show/file-type';
import type { CrateFile } from './crate-facts';

/** An entity of JSON-LD. */
export type Entity = { '@id': string; '@type': string | string[] } & Record<string, unknown>;

/** Types of contents that no page of ours shows under their own. */
const TYPES: Record<string, string> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  tab: 'text/tab-separated-values',
  json: 'application/json',
  geojson: 'application/geo+json',
  html: 'text/html',
  htm: 'text/html',
  pdf: 'application/pdf',
  svg: 'image/svg+xml',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  zip: 'application/zip',
};

/** A file of the archive under its address there. */
export function fileEntity({ name, size, mtimeMs, sha256 }: CrateFile, more: Record<string, unknown> = {}): Entity {
  const shown = showEntryName(name.subarray(name.lastIndexOf('/') + 1));
  const encodingFormat = contentTypeOf(shown);
  return {
    '@id': addressOf(name),
    '@type': 'File',
    name: shown,
    contentSize: String(size),
    ...(encodingFormat === null ? {} : { encodingFormat }),
    ...(mtimeMs === null ? {} : { dateModified: isoTime(mtimeMs) }),
    ...(sha256 === null ? {} : { sha256 }),
    ...more,
  };
}

export function references(entities: readonly { '@id': string }[]): { '@id': string }[] {
  return entities.map((entity) => ({ '@id': entity['@id'] }));
}

/** With the offset in figures, which is the form that all validators know. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '+00:00');
}

/** Names that are no text byte by byte, as the archive has them. */
function addressOf(path: Buffer): string {
  const text = path.toString('latin1').split('/');
  return text.map((part) => encodeName(Buffer.from(part, 'latin1'))).join('/');
}

function encodeName(name: Buffer): string {
  if (isUtf8(name)) return encodeURIComponent(name.toString());
  return [...name]
    .map((byte) => (/[\w.-]/.test(String.fromCharCode(byte)) && byte < 0x80 ? String.fromCharCode(byte) : percent(byte)))
    .join('');
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function contentTypeOf(name: string): string | null {
  const ending = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const { inline, picture } = fileTypeOf(name);
  return TYPES[ending] ?? inline?.replace(/;.*$/, '') ?? picture ?? null;
}
