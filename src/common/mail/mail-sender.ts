import { text } from '../../locales/text';
import type { SettingValues } from '../config/settings';

/** Who a mail is from. */
export interface MailSender {
  name: string;
  address: string;
}

const NAMED = /^(.*\S) <([^<>]+)>$/;

/** MAIL_FROM; an address alone gets the name of the product and of the site, so that people see at a glance whose mail it is. */
export function mailSender({ MAIL_FROM, SITE_NAME }: Pick<SettingValues, 'MAIL_FROM' | 'SITE_NAME'>): MailSender {
  const [, name, address] = NAMED.exec(MAIL_FROM) ?? [];
  if (name !== undefined && address !== undefined) return { name, address };
  // A mail program shows one line; nodemailer quotes what needs it.
  const site = SITE_NAME.replaceAll(/\s+/g, ' ').trim();
  return { name: [text('common.product'), site].filter(Boolean).join(' · '), address: MAIL_FROM };
}
