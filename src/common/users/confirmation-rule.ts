import type { AppConfig } from '../config/app-config';
import type { User } from './user.entity';

/** Whether this person has to confirm the address before they may come in. */
export function hasToConfirm(
  { settings }: Pick<AppConfig, 'settings'>,
  { email, confirmedMs }: Pick<User, 'email' | 'confirmedMs'>,
): boolean {
  const { VERIFY_EMAIL, SIGN_UP, SMTP_URL } = settings;
  return email !== null && confirmedMs === null && SMTP_URL !== undefined && (VERIFY_EMAIL || SIGN_UP === 'domains');
}
