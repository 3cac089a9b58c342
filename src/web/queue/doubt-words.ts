import { noteKeys } from '../../common/queue/note-words';
import type { Run } from '../../common/queue/run.entity';
import { text, type TextKey } from '../../locales/text';

type Doubtful = Pick<Run, 'state' | 'note' | 'runnerName'>;

/** Said while its program is seen, although nobody watches over it any more. */
const STILL_SEEN: readonly TextKey[] = ['runner.supervisorGone', 'docker.lostStart'];
const DECLARED: readonly TextKey[] = ['queue.declaredLostBy', 'queue.declaredLostFromShell'];

/** What is known of the end of a run that is unknown or lost, in one sentence, the same on every page. @returns null for all others. */
export function doubtInWords(run: Doubtful): string | null {
  const runner = run.runnerName ?? '';
  if (run.state === 'unknown') return text(isStillSeen(run) ? 'show.unknownStillRuns' : 'show.unknownHeading');
  if (run.state !== 'lost') return null;
  if (!isDeclaredLost(run)) return text('show.lostHeading');
  return runner === '' ? text('show.lostDeclared') : text('show.lostDeclaredOn', { runner });
}

/** Whether its program was there when its runner last looked. */
export function isStillSeen({ note }: Pick<Run, 'note'>): boolean {
  return noteKeys(note).some((key) => STILL_SEEN.includes(key));
}

/** Whether an administrator gave it up; then nobody has seen its end. */
export function isDeclaredLost({ state, note }: Pick<Run, 'state' | 'note'>): boolean {
  return state === 'lost' && noteKeys(note).some((key) => DECLARED.includes(key));
}
