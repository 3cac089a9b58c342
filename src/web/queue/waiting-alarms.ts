import { Injectable } from '@nestjs/common';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import type { StuckRun, WaitingLine } from '../../common/waiting/waiting-line';
import { engineWords, reasonInWords } from '../../common/waiting/waiting-words';
import { text } from '../../locales/text';
import { Policy } from '../http/access/policy';

/** Runs that no living runner will ever take, and what to do about it. */
export interface Alarm {
  heading: string;
  /** Which need is too large, of a single run whose needs the reader may know; '' for none. */
  detail: string;
  /** What the reader can do. */
  help: string;
  /** Numbers of the runs that the reader may open; the first few. */
  runs: number[];
  /** The reader can do it themself. */
  isForAdministrator: boolean;
  /** When the last runner that could have taken them was heard; null when there never was one. */
  lastHeard: { name: string; atMs: number } | null;
}

const MOST_LISTED = 6;

/** Finds what only an administrator can set right, and says it to administrators and to people whose runs wait. */
@Injectable()
export class WaitingAlarms {
  constructor(private readonly policy: Policy) {}

  /** One alarm for each cause in the whole queue; that no runner is alive is told also while nobody waits. */
  ofAll(person: User, line: WaitingLine): Alarm[] {
    const alarms = this.of(person, line, () => true);
    const { runners } = line.situation;
    if (alarms.length > 0 || line.isAnybodyAlive) return alarms;
    const [last] = [...runners].sort((one, other) => other.beatMs - one.beatMs);
    return [{ ...noRunnerAlarm(person.isAdmin), runs: [], lastHeard: last ? { name: last.name, atMs: last.beatMs } : null }];
  }

  /** One alarm for each cause. @param concerns which runs. */
  of(person: User, line: WaitingLine, concerns: (run: Run) => boolean): Alarm[] {
    const groups = new Map<string, StuckRun[]>();
    for (const stuck of line.stuckRuns()) {
      if (!concerns(stuck.run)) continue;
      const key = keyOf(stuck);
      groups.set(key, [...(groups.get(key) ?? []), stuck]);
    }
    return [...groups.values()].map((group) => this.alarm(person, group));
  }

  private alarm(person: User, group: readonly StuckRun[]): Alarm {
    const [{ reason }] = group;
    const readable = group.filter(({ run }) => this.policy.allows('runOwner', { person, run }));
    const last = reason.kind === 'noRunner' || reason.kind === 'engine' ? reason.last : null;
    // With one run in question its own amounts are told to whoever may know them.
    const own = keyOf(group[0]) === 'size' && group.length === 1 && readable.length === 1;
    return {
      ...(reason.kind === 'noRunner'
        ? noRunnerAlarm(person.isAdmin)
        : {
            heading: headingOf(group, own),
            detail: own ? reasonInWords(reason, false, true) : '',
            help: helpOf(group, person.isAdmin ? 'Admin' : readable.length > 0 ? 'Help' : 'Others'),
            isForAdministrator: person.isAdmin,
          }),
      runs: readable.slice(0, MOST_LISTED).map(({ run }) => run.id),
      lastHeard: last && { name: last.name, atMs: last.beatMs },
    };
  }
}

function keyOf({ reason }: StuckRun): string {
  return reason.kind === 'engine' ? `engine ${reason.engine}` : reason.kind === 'noRunner' ? 'noRunner' : 'size';
}

function headingOf(group: readonly StuckRun[], own: boolean): string {
  const [{ reason, run }] = group;
  const count = group.length;
  if (reason.kind === 'engine') return text('queue.alarmEngine', { count, engine: engineWords(reason.engine) });
  return own ? text('queue.alarmRun', { number: run.id }) : text('queue.alarmSize', { count });
}

/** @param reader an administrator, somebody who may cancel one of these runs, or anybody else. */
function helpOf(group: readonly StuckRun[], reader: 'Admin' | 'Help' | 'Others'): string {
  const [{ reason }] = group;
  if (reason.kind !== 'engine') return text(`queue.alarmSize${reader}`, { count: group.length });
  const values: Record<string, string | number> = reader === 'Admin' ? { engine: reason.engine } : { count: group.length };
  return text(`queue.alarmEngine${reader}`, values);
}

function noRunnerAlarm(isAdmin: boolean): Pick<Alarm, 'heading' | 'detail' | 'help' | 'isForAdministrator'> {
  const help = text(isAdmin ? 'queue.alarmNoRunnerAdmin' : 'queue.noRunnerMeans');
  return { heading: text('queue.noRunner'), detail: '', help, isForAdministrator: isAdmin };
}
