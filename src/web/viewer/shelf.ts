import type { Cache } from '../../common/files/derived-files';
import { parseEntryPath, showEntryName } from '../../common/files/entry-name';
import type { OpenFile } from '../../common/files/safe-directory';

/** A file that a view may show: one of the results, one that the run was given, or one of a project. */
export type SourceAddress =
  { kind: 'results'; path: string } | { kind: 'inputs'; parameter: string; index: number } | { kind: 'files'; path: string };

/** A file that something is made of. */
export interface Original extends OpenFile {
  /** Which file it is, among all of its shelf. */
  name: string;
}

/** Files that somebody may look at closely, and no other ones; and where what is made of them is kept. */
export interface Shelf {
  /** The caller closes it. @throws NotFoundError for what is none of its files. */
  open(address: SourceAddress): Promise<Original>;
  /** Absolute path above its cache: what is made must find room on that disk. */
  root: string;
  /** The folder is made once, however often a request asks for it. */
  cache(): Promise<Cache>;
  /** Address of its pages, below the base path. */
  base: string;
}

/** @param make what it makes is kept for as long as the shelf, which lasts for one request. */
export function cacheOnce(make: () => Promise<Cache>): Shelf['cache'] {
  let cache: Promise<Cache> | undefined;
  return () => (cache ??= make());
}

/** Below `<base>/tiles/<what>/`. */
export function formatSource(address: SourceAddress): string {
  return address.kind === 'inputs' ? `inputs/${address.parameter}/${address.index}` : `${address.kind}/${address.path}`;
}

/** The other way round, for what `formatSource` wrote. */
export function parseSource(source: string): SourceAddress {
  const [kind, ...rest] = source.split('/');
  if (kind === 'results' || kind === 'files') return { kind, path: rest.join('/') };
  return { kind: 'inputs', parameter: rest[0] ?? '', index: Number(rest[1]) };
}

/** For people. */
export function nameOfReference(reference: string): string {
  return parseEntryPath(reference.replace(/^\w+:/, '')).map(showEntryName).at(-1) ?? reference;
}
