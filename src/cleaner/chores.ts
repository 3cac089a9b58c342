import type { Provider } from '@nestjs/common';
import type { Chore } from '../common/cleaning/chore';
import { BrokenDeletions } from './tasks/broken-deletions';
import { DeadRunners } from './tasks/dead-runners';
import { ExpiredGuests } from '../common/cleaning/expired-guests';
import { ExpiredRuns } from '../common/cleaning/expired-runs';
import { ExpiredSessions } from './tasks/expired-sessions';
import { ExpiredUploads } from '../common/cleaning/expired-uploads';
import { InterruptedFileTasks } from './tasks/interrupted-file-tasks';
import { MovedGuests } from './tasks/moved-guests';
import { OldInboxFiles } from '../common/cleaning/old-inbox-files';
import { LeavingAccounts } from '../common/cleaning/leaving-accounts';
import { OldAudit } from './tasks/old-audit';
import { OldLinks } from './tasks/old-links';
import { OldMailFiles } from './tasks/old-mail-files';
import { OldMails } from './tasks/old-mails';
import { OldOrders } from './tasks/old-orders';
import { OldOutboxFolders } from './tasks/old-outbox-folders';
import { OldTokens } from './tasks/old-tokens';
import { OldWarnings } from './tasks/old-warnings';
import { OldThumbnails } from './tasks/old-thumbnails';
import { OldTrash } from '../common/cleaning/old-trash';
import { OrphanedFolders } from './tasks/orphaned-folders';
import { ExpiredReservations } from './tasks/expired-reservations';
import { GoneChecksums } from './tasks/gone-checksums';
import { GoneLinks } from './tasks/gone-links';
import { GoneRunLinks } from './tasks/gone-run-links';
import { GoneMembers } from './tasks/gone-members';
import { GonePresets } from './tasks/gone-presets';
import { GoneSchedules } from './tasks/gone-schedules';
import { GoneWebhooks } from './tasks/gone-webhooks';
import { GoneSweeps } from './tasks/gone-sweeps';
import { UnclosedAccounts } from './tasks/unclosed-accounts';
import { UselessShares } from './tasks/useless-shares';
import { StaleUploads } from './tasks/stale-uploads';

/** In the order in which they are done: first what frees space without writing in the database, which a full disk may not allow. */
const IN_ORDER = [
  InterruptedFileTasks,
  StaleUploads,
  ExpiredUploads,
  OldTrash,
  OldThumbnails,
  OldOutboxFolders,
  OldInboxFiles,
  OldMailFiles,
  OrphanedFolders,
  BrokenDeletions,
  ExpiredRuns,
  MovedGuests,
  ExpiredGuests,
  UnclosedAccounts,
  LeavingAccounts,
  ExpiredSessions,
  OldMails,
  OldLinks,
  OldTokens,
  OldOrders,
  OldWarnings,
  OldAudit,
  DeadRunners,
  ExpiredReservations,
  GoneChecksums,
  GoneLinks,
  GoneRunLinks,
  GoneSweeps,
  GonePresets,
  GoneSchedules,
  GoneWebhooks,
  UselessShares,
  GoneMembers,
];

/** All that the cleaner does. */
export class Chores {
  constructor(readonly inOrder: readonly Chore[]) {}
}

/** Provided by the module that the pages look ahead with. */
const ELSEWHERE: readonly unknown[] = [ExpiredGuests, ExpiredRuns, ExpiredUploads, LeavingAccounts, OldInboxFiles, OldTrash];

export const CHORE_PROVIDERS: Provider[] = [
  ...IN_ORDER.filter((chore) => !ELSEWHERE.includes(chore)),
  { provide: Chores, inject: IN_ORDER, useFactory: (...chores: Chore[]) => new Chores(chores) },
];
