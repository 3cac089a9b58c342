import { InvalidInputError } from '../../common/errors';
import { parseEntryPath, type EntryPath } from '../../common/files/entry-name';

/**
 * The path that a route's `*path` names. A slash that came encoded inside a segment is not a slash between names.
 * @param segments decoded, as the router splits them. @throws InvalidInputError when it names nothing below a root.
 */
export function pathOfSegments(segments: readonly string[]): EntryPath {
  if (segments.some((segment) => segment.includes('/'))) throw new InvalidInputError('files.badPath');
  const path = parseEntryPath(segments.join('/'));
  if (path.length === 0) throw new InvalidInputError('files.badPath');
  return path;
}

/** A path from a query or form, where '' is the root; lists and objects are none. @throws InvalidInputError. */
export function pathOfText(value: unknown): EntryPath {
  if (value === undefined) return [];
  if (typeof value !== 'string') throw new InvalidInputError('files.badPath');
  return parseEntryPath(value);
}
