import { InvalidInputError } from '../errors';

const MOST_CHARACTERS = 200;
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u;
/** Harmless within a name (they join letters and emoji), but a name of nothing else cannot be seen, nor clicked. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\s]/gu;

/**
 * The name of a project as it is stored: trimmed, in the composed form of Unicode.
 * @throws InvalidInputError for the field `name`.
 */
export function checkProjectName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name.replace(UNSEEN, '') === '') throw new InvalidInputError('projects.nameMissing', {}, 'name');
  if (INVISIBLE.test(name)) throw new InvalidInputError('projects.nameInvisible', {}, 'name');
  if (name.length > MOST_CHARACTERS) throw new InvalidInputError('projects.nameTooLong', { most: MOST_CHARACTERS }, 'name');
  return name;
}
