import { lastWords, modeSince, type Since } from '../../common/waiting/last-words';
import { isDrained } from '../../common/waiting/situation';
import type { Obstacle } from '../../common/waiting/waiting-reason';
import type { QueueHold, RunnerStanding } from '../../common/queue/runners.repository';
import { text } from '../../locales/text';

/** What keeps runs from starting until an administrator does something; drawn by `partials/waiting-alarms.hbs`. */
export interface Alarm {
  heading: string;
  /** What exactly is missing, where the reader may know it; '' for none. */
  detail: string;
  /** What the reader can do. */
  help: string;
  /** Numbers of the runs that the reader may open; the first few. */
  runs: number[];
  /** The reader can set it right themself. */
  isForAdministrator: boolean;
  /** How it came to that, as far as it is known. */
  since: Since | null;
  /** Where an administrator sets it right, where that is not the page of the runners. */
  way?: { path: string; label: string } | null;
}

/** @param runners all that were ever seen. */
export function noRunnerAlarm(isAdmin: boolean, last: RunnerStanding | null, runners: readonly RunnerStanding[]): Alarm {
  const admin = last && isDrained(last) ? 'queue.alarmDrainedAdmin' : 'queue.alarmNoRunnerAdmin';
  return {
    heading: text('queue.noRunner'),
    detail: '',
    help: text(isAdmin ? admin : 'queue.noRunnerMeans'),
    runs: [],
    isForAdministrator: isAdmin,
    since: lastWords(last, runners, isAdmin),
  };
}

/** Nothing new starts, because an administrator wants it so: everybody reads it. */
export function holdAlarm({ by, sinceMs, note }: QueueHold, isAdmin: boolean): Alarm {
  return {
    heading: text('queue.heldHeading'),
    detail: note,
    help: text(isAdmin ? 'queue.heldHelpAdmin' : 'queue.heldHelp'),
    runs: [],
    isForAdministrator: isAdmin,
    since: { words: text('queue.heldBySince', { by }), atMs: sinceMs },
    way: isAdmin ? { path: '/admin/queue', label: text('queue.adminPage') } : null,
  };
}

/** How an obstacle came to be. @param tellsWho whether the reader may know who steered the runners. */
export function sinceOf(obstacle: Obstacle, runners: readonly RunnerStanding[], tellsWho: boolean): Since | null {
  if (obstacle.kind === 'nobodyTakes') return modeSince(obstacle.runners, tellsWho);
  if (obstacle.kind === 'noRunner') return lastWords(obstacle.last, runners, tellsWho);
  if (obstacle.kind !== 'engine') return null;
  return lastWords(
    obstacle.last,
    runners.filter(({ engines }) => engines.includes(obstacle.engine)),
    tellsWho,
  );
}
