import type { AppConfig } from '../config/app-config';
import type { User } from './user.entity';

/**
 * Whether somebody may look at everything of theirs and change nothing: an account whose address DEMO_USERLIST names, or whose name where
 * it has no address, as people of an external table may.
 */
export function isDemo(
  { settings }: Pick<AppConfig, 'settings'>,
  person: Pick<User, 'kind' | 'email' | 'displayName'> | null | undefined,
): boolean {
  if (person?.kind !== 'account') return false;
  const known = (person.email ?? person.displayName).toLowerCase();
  return settings.DEMO_USERLIST.some((named) => named.toLowerCase() === known);
}
