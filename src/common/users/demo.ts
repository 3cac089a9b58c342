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
  return isDemoName({ settings }, person.email ?? person.displayName);
}

/** Whether DEMO_USERLIST has this address, or name: whoever is called so is a demo account, for as long as they are. */
export function isDemoName({ settings }: Pick<AppConfig, 'settings'>, known: string): boolean {
  return settings.DEMO_USERLIST.some((named) => named.toLowerCase() === known.toLowerCase());
}
