import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from '../../common/config/app-config';
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
  /** Whether there is a mail server; without one nobody gets a mail. */
  sendsMail: boolean;
  /** Link for a page that lives outside a request, such as a mail. */
  publicUrl: string;
}

/** Of this program, as its package says. */
export function programVersion({ home }: Pick<AppConfig, 'home'>): string {
  return (JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { version: string }).version;
}

export function siteView(config: AppConfig, icon: SiteIcon | null): SiteView {
  return {
    name: config.settings.SITE_NAME,
    icon: icon && { path: icon.path, type: icon.type, sizes: icon.sizes },
    colours: THEME_COLOURS,
    contact: config.settings.CONTACT_EMAIL ?? null,
    version: programVersion(config),
    allowGuests: config.settings.ALLOW_GUESTS,
    sendsMail: config.settings.SMTP_URL !== undefined,
    publicUrl: config.publicUrl,
  };
}
