import type { AppConfig } from '../../../common/config/app-config';
import { isDemo } from '../../../common/users/demo';
import type { User } from '../../../common/users/user.entity';
import { text, type TextKey } from '../../../locales/text';

/** One word about somebody. */
export interface Chip {
  word: string;
  tone: 'accent' | 'plain' | 'warn';
}

/** What an administrator has to know of somebody at a glance, the most important first. */
export function chipsOf(config: AppConfig, person: User, externalName: string | null): Chip[] {
  const chip = (isSo: boolean, key: TextKey, tone: Chip['tone'] = 'plain'): Chip[] => (isSo ? [{ word: text(key), tone }] : []);
  const hasAddress = person.kind === 'account' && person.email !== null;
  return [
    ...chip(person.suspendedMs !== null, 'people.chipSuspended', 'warn'),
    ...chip(person.leavingMs !== null, 'people.chipLeaving', 'warn'),
    ...chip(person.isAdmin, 'common.administrator', 'accent'),
    ...chip(person.kind === 'guest', 'common.guest'),
    ...chip(isDemo(config, person), 'people.chipDemo'),
    ...chip(externalName !== null, 'people.chipExternal'),
    ...chip(hasAddress && person.confirmedMs === null, 'people.chipUnconfirmed'),
  ];
}
