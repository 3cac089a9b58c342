import type { Reason } from '../../common/schedules/schedule.entity';
import { text } from '../../locales/text';

/** In the language of the moment. */
export function reasonInWords({ key, values }: Reason): string {
  return text(key, values);
}
