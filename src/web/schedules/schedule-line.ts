import { keptInWords } from '../../common/kept-sentences';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Schedule, ScheduleTick, TickOutcome } from '../../common/schedules/schedule.entity';
import { cronInWords, momentInZone } from '../../common/schedules/cron-words';
import { text } from '../../locales/text';

/** More missed times are told as "more than". */
export const MOST_MISSED = 100;

/** A schedule in a list. */
export interface ScheduleLine {
  id: string;
  projectId: string;
  name: string;
  pipelineTitle: string;
  /** When it starts, as a sentence. */
  sentence: string;
  timeZone: string;
  isPaused: boolean;
  nextMs: number | null;
  /** By the clock of its zone; '' for none. */
  next: string;
  /** Who made it; '' where that is the reader. */
  owner: string;
  last: TickLine | null;
}

/** What became of a time. */
export interface TickLine {
  outcome: TickOutcome;
  /** By the clock of the zone of the schedule. */
  moment: string;
  runId: number | null;
  /** Why it was passed over, or how many were missed; '' for a start. */
  sentence: string;
}

/** @param owner display name of whoever made it; '' for the reader. */
export function scheduleLine(schedule: Schedule, last: ScheduleTick | null, owner: string): ScheduleLine {
  const { id, projectId, name, timeZone, nextMs, pausedMs } = schedule;
  return {
    id,
    projectId,
    name,
    pipelineTitle: titleInReadersWords(schedule),
    sentence: sentenceOf(schedule),
    timeZone,
    isPaused: pausedMs !== null,
    nextMs,
    next: nextMs === null ? '' : momentInZone(nextMs, timeZone),
    owner,
    last: last && tickLine(last, timeZone),
  };
}

export function tickLine(tick: ScheduleTick, timeZone: string): TickLine {
  const { outcome, tickMs, runId, missed } = tick;
  const isMany = missed > MOST_MISSED;
  const missedWords = text(isMany ? 'schedules.missedMany' : 'schedules.missed', { count: isMany ? MOST_MISSED : missed });
  return { outcome, moment: momentInZone(tickMs, timeZone), runId, sentence: outcome === 'missed' ? missedWords : keptInWords(tick.why) };
}

/** What an earlier version took for an expression is shown as it stands. */
export function sentenceOf({ cron }: Schedule): string {
  try {
    return cronInWords(cron);
  } catch {
    return cron;
  }
}
