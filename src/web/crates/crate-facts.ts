import type { Run } from '../../common/queue/run.entity';
import type { RunRecord } from '../show/run-records';

/** Everything that an RO-Crate tells of a run beside its files. */
export interface CrateFacts {
  run: Pick<
    Run,
    'id' | 'pipelineId' | 'pipelineTitle' | 'state' | 'note' | 'exitCode' | 'startedMs' | 'finishedMs' | 'requestedMs' | 'runnerName'
  >;
  record: Pick<RunRecord, 'manifest' | 'parameters' | 'command' | 'inputs' | 'image'>;
  /** Display name of whoever asked for it. */
  requester: string;
  /** Of Showrunner. */
  version: string;
}

/** A file of the run in the crate. */
export interface CrateFile {
  /** Path in the crate. */
  path: string;
  size: number;
  mtimeMs: number;
  /** Null where nobody has computed it. */
  sha256: string | null;
}
