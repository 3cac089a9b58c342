import { Injectable } from '@nestjs/common';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import { isFinal, RUN_STATES, type RunState } from '../../common/queue/run-state';
import type { Sweep } from '../../common/sweeps/sweep.entity';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { RunRow } from './run-row';

/** Runs that were asked for together, in one line. */
export interface SweepLine {
  id: string;
  projectId: string;
  title: string;
  /** All of its runs that are left, in whatever state; those that it was asked for with where they were not counted. */
  runCount: number;
  /** In the order in which a run goes through them; empty where they were not counted. */
  states: { state: RunState; count: number }[];
  /** How many of its runs have not ended; 0 where they were not counted. */
  liveCount: number;
}

/** Several runs of one sweep; who, where and when are those of the first. */
export interface SweepGroup extends SweepLine, Pick<RunRow, 'requester' | 'mayRead' | 'projectName' | 'requestedMs'> {
  rows: RunRow[];
  /** Whether the reader may cancel what is left of it. */
  mayCancel: boolean;
}

/** A line of a list: one run, or several of one sweep. */
export interface QueueItem {
  /** The run; of several the one that stands first. */
  row: RunRow;
  group: SweepGroup | null;
}

/** Runs whose states are counted for one page: a sweep may have thousands, and a page many sweeps. */
const MOST_COUNTED = 2000;

/** Finds out which runs were asked for together. */
@Injectable()
export class SweepLines {
  constructor(private readonly sweeps: SweepsRepository) {}

  /** By the number of the run; those of no sweep, and those alone of theirs, are left out. */
  async of(runIds: readonly number[]): Promise<Map<number, SweepLine>> {
    const sweepOf = new Map((await this.sweeps.membersAmong(runIds)).map(({ runId, sweepId }) => [runId, sweepId]));
    const listed = new Map<string, number[]>();
    for (const runId of runIds) {
      const id = sweepOf.get(runId);
      if (id !== undefined) listed.set(id, [...(listed.get(id) ?? []), runId]);
    }
    const groups = [...listed].filter(([, runs]) => runs.length > 1);
    if (groups.length === 0) return new Map();
    const found = new Map((await this.sweeps.findByIds(groups.map(([id]) => id))).map((sweep) => [sweep.id, sweep]));
    const sweeps = groups.flatMap(([id]) => found.get(id) ?? []);
    const counts = await this.sweeps.countStates(firstWithin(sweeps, MOST_COUNTED).map(({ id }) => id));
    return new Map(
      sweeps.flatMap((sweep) => {
        const line = lineOf(sweep, new Map(counts.filter(({ sweepId }) => sweepId === sweep.id).map(({ state, count }) => [state, count])));
        return listed.get(sweep.id)!.map((runId) => [runId, line] as const);
      }),
    );
  }
}

/** As many as have so many runs together, in their order. */
function firstWithin(sweeps: readonly Sweep[], most: number): Sweep[] {
  let left = most;
  return sweeps.filter(({ runCount }) => {
    if (runCount > left) return false;
    left -= runCount;
    return true;
  });
}

function lineOf(sweep: Sweep, counts: ReadonlyMap<RunState, number>): SweepLine {
  const { id, projectId, runCount: asked } = sweep;
  const states = RUN_STATES.flatMap((state) => (counts.has(state) ? { state, count: counts.get(state)! } : []));
  const runCount = states.length === 0 ? asked : states.reduce((sum, { count }) => sum + count, 0);
  const liveCount = states.reduce((sum, { state, count }) => (isFinal(state) ? sum : sum + count), 0);
  return { id, projectId, title: titleInReadersWords(sweep), states, runCount, liveCount };
}

/**
 * Puts runs of one sweep into one line, where the first of them stands; one alone stays itself.
 * @param among states that the line tells of: those of its list, where others of the sweep stand in another one.
 */
export function groupedRows(
  rows: readonly RunRow[],
  sweeps: ReadonlyMap<number, SweepLine>,
  among: readonly RunState[] = RUN_STATES,
): QueueItem[] {
  const together = new Map<SweepLine, RunRow[]>();
  for (const row of rows) {
    const line = sweeps.get(row.id);
    if (line) together.set(line, [...(together.get(line) ?? []), row]);
  }
  return rows.flatMap((row): QueueItem[] => {
    const line = sweeps.get(row.id);
    const all = (line && together.get(line)) ?? [];
    if (!line || all.length < 2) return [{ row, group: null }];
    if (all[0] !== row) return [];
    const { requester, mayRead, projectName, requestedMs } = row;
    const states = line.states.filter(({ state }) => among.includes(state));
    return [
      {
        row,
        group: {
          ...line,
          states,
          title: mayRead ? line.title : row.pipeline,
          rows: all,
          requester,
          mayRead,
          mayCancel: all.some(({ mayCancel }) => mayCancel),
          projectName,
          requestedMs,
        },
      },
    ];
  });
}
