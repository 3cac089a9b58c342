import { titleInReadersWords } from '../../../common/pipelines/pipeline-words';
import { isFinal, RUN_STATES } from '../../../common/queue/run-state';
import type { Run } from '../../../common/queue/run.entity';
import type { Sweep } from '../../../common/sweeps/sweep.entity';
import { isoTime, type SweepJson } from './run-schemas';

/** Runs that were asked for together, as programs read them. @param runs of its own that are left. */
export function sweepJson(sweep: Sweep, runs: readonly Run[]): SweepJson {
  const { id, pipelineId, projectId, mode, axes, createdMs, runCount } = sweep;
  const counts = RUN_STATES.map((state) => [state, runs.filter((run) => run.state === state).length] as const);
  return {
    id,
    pipeline: { id: pipelineId, title: titleInReadersWords(sweep) },
    project: projectId,
    mode,
    axes: axes.map(({ parameter, values }) => ({ parameter, values })),
    requestedAt: isoTime(createdMs),
    runCount,
    states: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    isOver: runs.every(({ state }) => isFinal(state)),
  };
}
