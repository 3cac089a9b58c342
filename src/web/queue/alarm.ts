import { lastWords, modeSince, type Since } from '../../common/waiting/last-words';
import { isDrained } from '../../common/waiting/situation';
import type { Obstacle } from '../../common/waiting/waiting-reason';
import type { RunnerStanding } from '../../common/queue/runners.repository';
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
