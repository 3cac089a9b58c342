import { Injectable } from '@nestjs/common';
import { RUN_STATES, type RunState } from '../../common/queue/run-state';
import { SweepsRepository } from '../../common/sweeps/sweeps.repository';
import type { RunRow } from './run-row';

/** Runs that were asked for together, in one line. */
export interface SweepLine {
  id: string;
  projectId: string;
  title: string;
  /** All of its runs that are left, in whatever state. */
  runCount: number;
  /** In the order in which a run goes through them. */
  states: { state: RunState; count: number }[];
}

/** A line of a list: one run, or several of one sweep. */
export interface QueueItem {
  /** The run; of several the one that stands first. */
  row: RunRow;
  group: (SweepLine & { rows: RunRow[]; requester: string; mayRead: boolean }) | null;
}

/** Finds out which runs were asked for together. */
@Injectable()
export class SweepLines {
  constructor(private readonly sweeps: SweepsRepository) {}

  /** By the number of the run; those of no sweep are left out. */
  async of(runIds: readonly number[]): Promise<Map<number, SweepLine>> {
    const members = await this.sweeps.membersAmong(runIds);
    const ids = [...new Set(members.map(({ sweepId }) => sweepId))];
    if (ids.length === 0) return new Map();
    const [sweeps, counts] = await Promise.all([this.sweeps.findByIds(ids), this.sweeps.countStates(ids)]);
    const lines = new Map(
      sweeps.map(({ id, projectId, pipelineTitle: title }): [string, SweepLine] => {
        const own = counts.filter(({ sweepId }) => sweepId === id);
        const states = RUN_STATES.flatMap((state) => own.filter((one) => one.state === state).map(({ count }) => ({ state, count })));
        return [id, { id, projectId, title, states, runCount: states.reduce((sum, { count }) => sum + count, 0) }];
      }),
    );
    return new Map(members.flatMap(({ runId, sweepId }) => (lines.has(sweepId) ? [[runId, lines.get(sweepId)!] as const] : [])));
  }
}

/** Puts runs of one sweep into one line, where the first of them stands; one alone stays itself. */
export function groupedRows(rows: readonly RunRow[], sweeps: ReadonlyMap<number, SweepLine>): QueueItem[] {
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
    return [{ row, group: { ...line, rows: all, requester: row.requester, mayRead: row.mayRead } }];
  });
}
