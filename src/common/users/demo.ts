import type { AppConfig } from '../config/app-config';
import type { User } from './user.entity';

/** Whether somebody may look at everything of theirs and change nothing: an account whose address DEMO_USERLIST names. */
export function isDemo({ settings }: Pick<AppConfig, 'settings'>, person: Pick<User, 'kind' | 'email'> | null | undefined): boolean {
  if (person?.kind !== 'account') return false;
  const { email } = person;
  return email !== null && settings.DEMO_USERLIST.some((named) => named.toLowerCase() === email);
}
