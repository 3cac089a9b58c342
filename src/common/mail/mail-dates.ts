import { text } from '../../locales/text';

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });

/** "21 December 2026", in the time zone of this machine. */
export function displayedDate(ms: number): string {
  return DATE.format(ms);
}

/** "21 December 2026 at 09:33 CET": a mail is read anywhere, so it names the zone. */
export function displayedMoment(ms: number): string {
  return text('mail.moment', { date: DATE.format(ms), time: TIME.format(ms) });
}
