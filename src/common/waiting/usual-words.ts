import { duration } from '../../browser/time-words';
import type { UsualTime } from '../queue/queue-figures.repository';
import { sentencesOf, text } from '../../locales/text';

/** Where the longest runs take so many times as long as the shortest, one number would be false. */
const WIDE = 2;
/** Seconds by which two times may differ and pass for the same. */
const NEAR = 2;

/** "about 12 s", or a range where runs differ much, as with the size of their inputs. */
export function usualInWords({ low, median, high }: UsualTime): string {
  const inWords = (seconds: number) => duration(seconds, sentencesOf('common'));
  if (high < 1) return inWords(0);
  if (high - low <= NEAR || high < WIDE * low) return median < 1 ? inWords(0) : text('queue.usuallyAbout', { time: inWords(median) });
  if (low < 1) return text('queue.usuallyUnder', { time: inWords(high) });
  return text('queue.usuallyBetween', { low: inWords(low), high: inWords(high) });
}
