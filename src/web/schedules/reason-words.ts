import type { Reason, ScheduleTick } from '../../common/schedules/schedule.entity';
import { text } from '../../locales/text';

/** In the language of the moment. */
export function reasonInWords({ key, values }: Reason): string {
  return text(key, values);
}

/** Why a time was passed over; '' for one that was not. What another version wrote may be anything. */
export function whyInWords({ why }: Pick<ScheduleTick, 'why'>): string {
  if (why === '') return '';
  try {
    const { key, values } = JSON.parse(why) as Partial<Reason>;
    return key === undefined ? '' : reasonInWords({ key, values: values ?? {} });
  } catch {
    return '';
  }
}
