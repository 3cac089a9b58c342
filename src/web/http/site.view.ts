import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from '../../common/config/app-config';
import type { SettingValues } from '../../common/config/settings';
import { takesNewcomers } from './access/policy';
import { areGuestsByAddress } from './guest-keys';
import type { SiteIcon } from '../site/site-icon';
import { THEME_COLOURS } from '../site/web-manifest';

/** What every page says of the installation. */
export interface SiteView {
  name: string;
  /** Null for the sign of Showrunner. */
  icon: Pick<SiteIcon, 'path' | 'type' | 'sizes'> | null;
  /** Of the frame that browsers draw around a page. */
  colours: typeof THEME_COLOURS;
  contact: string | null;
  version: string;
  allowGuests: boolean;
  signUp: SignUpView;
  /** Whether everybody at one network address shares a guest space. */
  guestsByAddress: boolean;
  /** Whether strangers may read how things work here. */
  hasOpenHelp: boolean;
  /** Whether there is a mail server; without one nobody gets a mail. */
  sendsMail: boolean;
  /** How long results stay unless somebody keeps them. */
  resultDays: number;
  /** Link for a page that lives outside a request, such as a mail. */
  publicUrl: string;
}

/** Who may sign up. */
export interface SignUpView {
  mode: SettingValues['SIGN_UP'];
  /** Whether people may without an invitation. */
  isOpen: boolean;
  /** Of the addresses that may, as a list in words; null for any. */
  domains: string | null;
}

/** Of this program, as its package says. */
export function programVersion({ home }: Pick<AppConfig, 'home'>): string {
  return (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version;
}

export function siteView(config: AppConfig, icon: SiteIcon | null): SiteView {
  const { SIGN_UP, SIGN_UP_DOMAINS } = config.settings;
  return {
    name: config.settings.SITE_NAME,
    icon: icon && { path: icon.path, type: icon.type, sizes: icon.sizes },
    colours: THEME_COLOURS,
    contact: config.settings.CONTACT_EMAIL ?? null,
    version: programVersion(config),
    allowGuests: config.settings.ALLOW_GUESTS,
    signUp: {
      mode: SIGN_UP,
      isOpen: SIGN_UP === 'open' || SIGN_UP === 'domains',
      domains: SIGN_UP === 'domains' ? SIGN_UP_DOMAINS.join(', ') : null,
    },
    guestsByAddress: areGuestsByAddress(config),
    hasOpenHelp: takesNewcomers(config),
    sendsMail: config.settings.SMTP_URL !== undefined,
    resultDays: config.settings.RETENTION_DAYS,
    publicUrl: config.publicUrl,
  };
}
