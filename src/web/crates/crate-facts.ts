import type { Run } from '../../common/queue/run.entity';
import type { RunRecord } from '../show/run-records';

/** Everything that an RO-Crate tells of a run beside its files. Nothing in it names a place of this machine. */
export interface CrateFacts {
  run: Pick<Run, 'id' | 'pipelineId' | 'pipelineTitle' | 'state' | 'exitCode' | 'startedMs' | 'finishedMs' | 'requestedMs' | 'runnerName'>;
  /** The sentence under its state. */
  note: string | null;
  record: Pick<RunRecord, 'manifest' | 'parameters' | 'inputs' | 'image'>;
  /** As one could type it; null before the first start. */
  command: string | null;
  /** Display name of whoever asked for it; '' where nobody knows. */
  requester: string;
  /** Of Showrunner. */
  version: string;
}

/** A file of the crate. */
export interface CrateFile {
  /** Path in the crate, as the archive has it. */
  name: Buffer;
  size: number;
  /** Null for what was made for the crate. */
  mtimeMs: number | null;
  /** Null where nobody has computed it. */
  sha256: string | null;
}
