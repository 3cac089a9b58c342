import { plainName } from '../plain-name';

const RULE = { most: 100, missing: 'accounts.nameMissing', invisible: 'projects.nameInvisible', tooLong: 'projects.nameTooLong' } as const;

/**
 * What others see of somebody, as it is stored.
 * @throws InvalidInputError for the field `name`.
 */
export function checkDisplayName(text: string): string {
  return plainName(text, RULE);
}
