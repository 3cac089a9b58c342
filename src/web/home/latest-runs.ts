import { Injectable } from '@nestjs/common';
import { isHeld } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';

/** Ended runs that are read at a time. */
const PART = 50;
/** How often more are read, where those that were read belong together. */
const MOST_PARTS = 4;
/** Of one sweep; more say nothing more in its line. */
const MOST_TOGETHER = 2;

/** The latest runs of somebody, when those that were asked for together count as one. */
@Injectable()
export class LatestRuns {
  constructor(
    private readonly runs: RunsRepository,
    private readonly sweeps: SweepsRepository,
  ) {}

  /**
   * @param lines how many are wanted.
   * @returns newest first; of each sweep the newest two, the newest that nobody cancelled, and those that go on.
   */
  async of(ownerId: string, lines: number): Promise<Run[]> {
    const live = await this.runs.liveOfOwner(ownerId);
    const { runs: ended } = await this.runs.listFinished({ ownerId, limit: PART });
    const sweepOf = new Map<number, string>();
    await this.learn([...live, ...ended], sweepOf);
    for (let part = ended, parts = 1; part.length === PART && parts < MOST_PARTS; parts += 1) {
      const last = part[PART - 1].id;
      const seen = [...live, ...ended].filter(({ id }) => id >= last);
      if (new Set(seen.map(({ id }) => sweepOf.get(id) ?? id)).size >= lines) break;
      const ids = await this.sweeps.endedBeside({ ownerId, sweepIds: [...new Set(sweepOf.values())], before: last }, PART);
      part = (await this.runs.findByIds(ids)).sort(newestFirst);
      await this.learn(part, sweepOf);
      ended.push(...part);
    }
    return firstOfEach([...live, ...ended].sort(newestFirst), sweepOf, lines);
  }

  private async learn(runs: readonly Run[], sweepOf: Map<number, string>): Promise<void> {
    for (const { runId, sweepId } of await this.sweeps.membersAmong(runs.map(({ id }) => id))) sweepOf.set(runId, sweepId);
  }
}

function firstOfEach(runs: readonly Run[], sweepOf: ReadonlyMap<number, string>, lines: number): Run[] {
  const taken = new Map<string | number, Run[]>();
  return runs.filter((run) => {
    const line = sweepOf.get(run.id) ?? run.id;
    const others = taken.get(line);
    if (!others && taken.size === lines) return isHeld(run.state);
    const isWanted = !others || others.length < MOST_TOGETHER || isHeld(run.state) || (isRegular(run) && !others.some(isRegular));
    if (isWanted) taken.set(line, [...(others ?? []), run]);
    return isWanted;
  });
}

function isRegular({ state }: Run): boolean {
  return state !== 'cancelled';
}

function newestFirst(one: Run, other: Run): number {
  return other.id - one.id;
}
