import { formatDate } from '../../locales/formats';
import { text } from '../../locales/text';

const DATE = { dateStyle: 'long' } as const;
const TIME = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;

/** "21 December 2026", in the time zone of this machine. */
export function displayedDate(ms: number): string {
  return formatDate(ms, DATE);
}

/** "21 December 2026 at 09:33 CET": a mail is read anywhere, so it names the zone. */
export function displayedMoment(ms: number): string {
  return text('mail.moment', { date: formatDate(ms, DATE), time: formatDate(ms, TIME) });
}
