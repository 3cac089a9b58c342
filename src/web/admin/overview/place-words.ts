import type { Place } from '../../../common/files/disks';
import type { TextKey } from '../../../locales/text';

/** What lies on a disk, in words. */
export const PLACE_WORDS: Record<Place, TextKey> = {
  files: 'admin.placeFiles',
  runs: 'admin.placeRuns',
  data: 'admin.placeData',
  inbox: 'admin.placeInbox',
  outbox: 'admin.placeOutbox',
};
