import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';

/** @param told a note of a run in words. @returns the same; people are not told of themselves by their name. */
export function toldTo(person: Pick<User, 'displayName'> | null, told: string): string {
  return person && told === text('queue.cancelledBy', { name: person.displayName }) ? text('show.cancelledByYou') : told;
}
