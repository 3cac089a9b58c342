import type { AppConfig } from '../../common/config/app-config';
import type { User } from '../../common/users/user.entity';

/** How many runs of somebody may wait in the queue; null: any number. */
export function waitingLimit({ settings }: Pick<AppConfig, 'settings'>, person: Pick<User, 'kind'> | null): number | null {
  const { MAX_WAITING_PER_PERSON, GUEST_WAITING } = settings;
  const limits = [MAX_WAITING_PER_PERSON, person?.kind === 'guest' ? GUEST_WAITING : 0].filter((limit) => limit > 0);
  return limits.length === 0 ? null : Math.min(...limits);
}
