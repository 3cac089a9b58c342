import { text } from '../../../locales/text';
import { nearestName } from '../names';
import { FILE_FIELDS, PLACES, type FileField, type Place, type Template, type TemplatePart, type ValuePart } from './argument-file';

/** What a template may name, and whether that has the parts of a file's name. */
export type KnownNames = ReadonlyMap<string, { isFile: boolean }>;

const BRACES = /\{(\w+)(?:\.(\w+))?\}/g;

/**
 * Splits a template into what stands there anyway and what is filled in. Braces around anything but a name are text.
 * @param known names of parameters and columns, which go before places.
 * @returns the parts, or the fault as a sentence.
 */
export function parseTemplate(source: string, known: KnownNames): Template | string {
  const parts: Template = [];
  let from = 0;
  for (const match of source.matchAll(BRACES)) {
    const [whole, name = '', field] = match;
    const part = namedPart(name, field, known);
    if (typeof part === 'string') return part;
    if (match.index > from) parts.push(source.slice(from, match.index));
    parts.push(part);
    from = match.index + whole.length;
  }
  if (from < source.length || parts.length === 0) parts.push(source.slice(from));
  return parts;
}

export function isPlace(name: string): name is Place {
  return (PLACES as readonly string[]).includes(name);
}

export function isValuePart(part: TemplatePart | undefined): part is ValuePart {
  return typeof part === 'object' && 'name' in part;
}

function namedPart(name: string, field: string | undefined, known: KnownNames): Exclude<TemplatePart, string> | string {
  const found = known.get(name);
  if (!found) {
    if (isPlace(name) && field === undefined) return { place: name };
    const meant = nearestName(name, [...known.keys(), ...PLACES]);
    return meant ? text('rendering.unknownNameMeant', { name, meant }) : text('rendering.unknownName', { name });
  }
  if (field === undefined) return { name };
  if (!found.isFile) return text('rendering.notFile', { name });
  if (!(FILE_FIELDS as readonly string[]).includes(field))
    return text('rendering.unknownPart', { name, field, known: FILE_FIELDS.join(', ') });
  return { name, field: field as FileField };
}
