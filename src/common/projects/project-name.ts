import { InvalidInputError } from '../errors';

const MOST_CHARACTERS = 200;
const INVISIBLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u;

/**
 * The name of a project as it is stored: trimmed, in the composed form of Unicode.
 * @throws InvalidInputError for the field `name`.
 */
export function checkProjectName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (name === '') throw new InvalidInputError('projects.nameMissing', {}, 'name');
  if (INVISIBLE.test(name)) throw new InvalidInputError('projects.nameInvisible', {}, 'name');
  if (name.length > MOST_CHARACTERS) throw new InvalidInputError('projects.nameTooLong', { most: MOST_CHARACTERS }, 'name');
  return name;
}
