import type { z } from 'zod';
import type { FieldFault } from '../../../common/errors';
import { text, type TextValues } from '../../../locales/text';

type Issue = z.core.$ZodRawIssue;

/** More faults of one request help nobody. */
const MOST_FAULTS = 50;
const MOST_CHARACTERS = 200;

/** The sentence about what a schema objects to, in the language of the request. */
export function sentenceOf(issue: Issue): string | undefined {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? text('api.fieldMissing') : text('api.fieldType', { type: issue.expected });
  if (issue.code === 'too_small') return boundOf(issue.origin, { most: null, least: Number(issue.minimum) });
  if (issue.code === 'too_big') return boundOf(issue.origin, { most: Number(issue.maximum), least: null });
  if (issue.code === 'invalid_value') return text('api.fieldChoice', { values: shortened(issue.values.map(String).join(', ')) });
  if (issue.code === 'invalid_format') return text('api.fieldFormat', { format: issue.format });
  if (issue.code === 'unrecognized_keys') return text('api.fieldUnknown', { names: shortened(issue.keys.join(', ')) });
  // None of the choices fits.
  if (issue.code === 'invalid_union') return text('api.fieldOther');
  // A sentence that stands with its schema stays.
  return undefined;
}

function boundOf(origin: string, { most, least }: { most: number | null; least: number | null }): string {
  const values: TextValues = { count: most ?? least ?? 0 };
  const isText = origin === 'string';
  const isList = origin === 'array' || origin === 'object' || origin === 'set';
  if (most !== null) return text(isText ? 'api.fieldTooLong' : isList ? 'api.fieldTooMany' : 'api.fieldTooLarge', values);
  return text(isText ? 'api.fieldTooShort' : isList ? 'api.fieldTooFew' : 'api.fieldTooSmall', values);
}

/** Beside each field what is wrong with it; `''` is the whole. */
export function faultsIn({ issues }: z.ZodError): FieldFault[] {
  return issues.slice(0, MOST_FAULTS).map(({ path, message }) => ({ field: shortened(path.map(String).join('.')), message }));
}

function shortened(words: string): string {
  return words.length > MOST_CHARACTERS ? `${words.slice(0, MOST_CHARACTERS)}…` : words;
}
