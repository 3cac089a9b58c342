import { Injectable } from '@nestjs/common';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import type { StuckRun, WaitingLine } from '../../common/waiting/waiting-line';
import { engineWords, reasonInWords, stateOfRunner } from '../../common/waiting/waiting-words';
import { formatList } from '../../locales/formats';
import { text } from '../../locales/text';
import { Policy } from '../http/access/policy';
import { holdAlarm, noRunnerAlarm, sinceOf, type Alarm } from './alarm';

const MOST_LISTED = 6;

/** Finds what only an administrator can set right, and says it to administrators and to people whose runs wait. */
@Injectable()
export class WaitingAlarms {
  constructor(private readonly policy: Policy) {}

  /** One alarm for each cause in the whole queue; that no runner is alive is told also while nobody waits. */
  ofAll(person: User, line: WaitingLine): Alarm[] {
    const { runners, hold } = line.situation;
    if (hold) return [holdAlarm(hold, person.isAdmin)];
    const alarms = this.of(person, line, () => true);
    if (alarms.length > 0 || line.isAnybodyAlive) return alarms;
    const [last = null] = [...runners].sort((one, other) => other.beatMs - one.beatMs);
    return [noRunnerAlarm(person.isAdmin, last, runners)];
  }

  /** What the page of one run says beside why it waits: whoever can do nothing about a pause has read of it there. */
  ofRun(person: User, line: WaitingLine, run: Run): Alarm[] {
    if (!person.isAdmin && line.obstacleOf(run)?.kind === 'nobodyTakes') return [];
    return this.of(person, line, ({ id }) => id === run.id).map((alarm) => ({ ...alarm, detail: '', runs: [] }));
  }

  /** One alarm for each cause. @param concerns which runs. */
  of(person: User, line: WaitingLine, concerns: (run: Run) => boolean): Alarm[] {
    const { hold } = line.situation;
    if (hold) return line.stuckRuns().some(({ run }) => concerns(run)) ? [holdAlarm(hold, person.isAdmin)] : [];
    const groups = new Map<string, StuckRun[]>();
    for (const stuck of line.stuckRuns()) {
      if (!concerns(stuck.run) || passesByItself(stuck)) continue;
      const key = keyOf(stuck);
      groups.set(key, [...(groups.get(key) ?? []), stuck]);
    }
    return [...groups.values()].map((group) => this.alarm(person, group, line));
  }

  private alarm(person: User, group: readonly StuckRun[], line: WaitingLine): Alarm {
    const [{ reason }] = group;
    const { runners } = line.situation;
    const readable = group.filter(({ run }) => this.policy.allows('runOwner', { person, run }));
    const runs = readable.slice(0, MOST_LISTED).map(({ run }) => run.id);
    if (reason.kind === 'noRunner') return { ...noRunnerAlarm(person.isAdmin, reason.last, runners), runs };
    // With one run in question its own amounts are told to whoever may know them.
    const own = keyOf(group[0]) === 'size' && group.length === 1 && readable.length === 1;
    return {
      heading: headingOf(group, own),
      detail: own ? reasonInWords(reason, false, true) : '',
      help: helpOf(group, person.isAdmin ? 'Admin' : readable.length > 0 ? 'Help' : 'Others'),
      runs,
      isForAdministrator: person.isAdmin,
      since: sinceOf(reason, runners, person.isAdmin),
    };
  }
}

/** A runner in trouble tries again by itself; whoever was paused or drained does not. */
function passesByItself({ reason }: StuckRun): boolean {
  return reason.kind === 'nobodyTakes' && reason.runners.some(({ mode }) => mode === 'active');
}

function keyOf({ reason }: StuckRun): string {
  if (reason.kind === 'engine') return `engine ${reason.engine}`;
  if (reason.kind === 'nobodyTakes') return `nobody ${reason.runners.map(({ name }) => name).join(' ')}`;
  return reason.kind === 'noRunner' ? 'noRunner' : 'size';
}

function headingOf(group: readonly StuckRun[], own: boolean): string {
  const [{ reason, run }] = group;
  const count = group.length;
  if (reason.kind === 'engine') return text('queue.alarmEngine', { count, engine: engineWords(reason.engine) });
  if (reason.kind === 'nobodyTakes') return text('queue.alarmNobody', { count, list: formatList(reason.runners.map(stateOfRunner)) });
  return own ? text('queue.alarmRun', { number: run.id }) : text('queue.alarmSize', { count });
}

/** @param reader an administrator, somebody who may cancel one of these runs, or anybody else. */
function helpOf(group: readonly StuckRun[], reader: 'Admin' | 'Help' | 'Others'): string {
  const [{ reason }] = group;
  const count = group.length;
  if (reason.kind === 'nobodyTakes')
    return reader === 'Admin' ? text('queue.alarmNobodyAdmin', { count: reason.runners.length }) : text('queue.alarmNobodyHelp', { count });
  if (reason.kind !== 'engine') return text(`queue.alarmSize${reader}`, { count });
  if (reader !== 'Admin') return text(`queue.alarmEngine${reader}`, { count });
  const { engine, last } = reason;
  return last ? text('queue.alarmEngineGoneAdmin', { engine, runner: last.name }) : text('queue.alarmEngineAdmin', { engine });
}
