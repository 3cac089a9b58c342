import type { Run } from '../../common/queue/run.entity';
import type { RunRecord } from './run-records';

/** A record as whoever came by a link gets it: without paths, hosts and limits of the machine, which are for its people. */
export function withoutMachine(record: RunRecord): RunRecord {
  return {
    ...record,
    command: null,
    written: [],
    limits: '',
    events: record.events.map((event) => ({ ...event, runner: null })),
  };
}

/** A run likewise. */
export function withoutRunner<Facts extends Pick<Run, 'runnerName'>>(run: Facts): Facts {
  return { ...run, runnerName: null };
}
