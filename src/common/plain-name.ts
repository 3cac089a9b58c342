import { InvalidInputError } from './errors';
import type { TextKey } from '../locales/text';

const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u;
/** Harmless within a name (they join letters and emoji), but a name of nothing else cannot be seen, nor clicked. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\s]/gu;

/** What a name may be, and the sentences for what it may not. */
export interface NameRule {
  most: number;
  missing: TextKey;
  invisible: TextKey;
  tooLong: TextKey;
}

/**
 * A name as it is stored: trimmed, in the composed form of Unicode.
 * @throws InvalidInputError for the field `name`.
 */
export function plainName(text: string, { most, missing, invisible, tooLong }: NameRule): string {
  const name = text.normalize('NFC').trim();
  if (name.replace(UNSEEN, '') === '') throw new InvalidInputError(missing, {}, 'name');
  if (INVISIBLE.test(name)) throw new InvalidInputError(invisible, {}, 'name');
  if (name.length > most) throw new InvalidInputError(tooLong, { most }, 'name');
  return name;
}
