import { InvalidInputError } from '../errors';
import { plainName } from '../plain-name';

const RULE = { most: 100, missing: 'groups.nameMissing', invisible: 'groups.nameInvisible', tooLong: 'groups.nameTooLong' } as const;
const MOST_DESCRIPTION = 200;

/** The name of a group as it is stored. @throws InvalidInputError for the field `name`; one with an @ could be an address. */
export function checkGroupName(text: string): string {
  const name = plainName(text, RULE);
  if (/[@,]/.test(name)) throw new InvalidInputError('groups.nameSigns', {}, 'name');
  return name;
}

/** What names have in common that mean the same group: letters count alike, large or small. At most as long as a name may be. */
export function groupKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase().slice(0, 100);
}

/** @throws InvalidInputError for the field `description`. */
export function checkDescription(text: string): string {
  const words = text.normalize('NFC').replace(/\s+/g, ' ').trim();
  if (words.length > MOST_DESCRIPTION) throw new InvalidInputError('groups.descriptionTooLong', { most: MOST_DESCRIPTION }, 'description');
  return words;
}
