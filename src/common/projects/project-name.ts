import { plainName } from '../plain-name';

const RULE = { most: 200, missing: 'projects.nameMissing', invisible: 'projects.nameInvisible', tooLong: 'projects.nameTooLong' } as const;

/**
 * The name of a project as it is stored: trimmed, in the composed form of Unicode.
 * @throws InvalidInputError for the field `name`.
 */
export function checkProjectName(text: string): string {
  return plainName(text, RULE);
}
