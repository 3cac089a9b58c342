import { Injectable } from '@nestjs/common';
import { noteInWords } from '../../../common/queue/note-words';
import type { RunnerStanding } from '../../../common/queue/runners.repository';
import type { User } from '../../../common/users/user.entity';
import { WaitingLines, type ActiveRuns } from '../../../common/waiting/waiting-lines.service';
import { sentencesInRow } from '../../../locales/joined';
import { text } from '../../../locales/text';
import { WaitingAlarms } from '../../queue/waiting-alarms';
import { SINCE, type Concern } from './concern';

/** A runner that is silent for longer is forgotten, unless runs wait for it: somebody took it away. */
const REMEMBERED_MS = 7 * 24 * 3_600_000;

/** What keeps runs from starting, and runners that are away or in trouble. */
@Injectable()
export class QueueConcerns {
  constructor(
    private readonly lines: WaitingLines,
    private readonly alarms: WaitingAlarms,
  ) {}

  async find(person: User): Promise<{ concerns: Concern[]; active: ActiveRuns }> {
    const active = await this.lines.read();
    const { runners, nowMs, hold } = active.line.situation;
    // That no runner is alive names the one that was there last.
    const named = active.line.isAnybodyAlive || hold ? undefined : [...runners].sort((one, other) => other.beatMs - one.beatMs)[0];
    const stuck = this.alarms.ofAll(person, active.line).map(({ heading, detail, help, since }): Concern => ({
      tone: 'bad',
      icon: 'plug-connected-x',
      heading,
      sentence: sentencesInRow(detail, since ? `${since.words} ${SINCE}${text('common.stop')}` : '', help),
      sinceMs: since?.atMs ?? null,
      section: 'runners',
    }));
    return { concerns: [...stuck, ...runners.filter((runner) => runner !== named).flatMap((runner) => concernOf(runner, nowMs))], active };
  }
}

function concernOf(runner: RunnerStanding, nowMs: number): Concern[] {
  const { name, isAlive, stopped, trouble, beatMs } = runner;
  const concern = { tone: 'warn', icon: 'server', section: 'runners' } as const;
  if (!isAlive && !stopped && nowMs - beatMs < REMEMBERED_MS) {
    const words = { heading: text('admin.runnerSilent', { runner: name }), sentence: text('admin.runnerSilentMeans', { since: SINCE }) };
    return [{ ...concern, icon: 'server-off', ...words, sinceMs: beatMs }];
  }
  if (!isAlive || trouble === null) return [];
  return [{ ...concern, heading: text('admin.runnerInTrouble', { runner: name }), sentence: noteInWords(trouble), sinceMs: null }];
}
