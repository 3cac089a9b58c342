import { NOW_MS, type Dialect } from '../database/dialect';
import type { Engine } from '../pipelines/runtime';
import type { Candidate, Share } from './choose-runs';
import type { Run } from './run.entity';

/** A row as either driver gives it: column names, BIGINT perhaps as text. */
export type Row = Record<string, unknown>;

/** Column of the table `queue` for each property of a run, in table order. */
const COLUMNS = {
  id: 'id',
  submissionId: 'submission_id',
  pipelineId: 'pipeline_id',
  pipelineTitle: 'pipeline_title',
  projectId: 'project_id',
  ownerId: 'owner_id',
  state: 'state',
  rank: 'rank',
  fence: 'fence',
  attempt: 'attempt',
  starts: 'starts',
  maxStarts: 'max_starts',
  startFailures: 'start_failures',
  engine: 'engine',
  needCpu: 'need_cpu',
  needMemory: 'need_memory',
  needGpus: 'need_gpus',
  gpuIds: 'gpu_ids',
  runnerName: 'runner_name',
  handle: 'handle',
  timeLimitSeconds: 'time_limit_seconds',
  pipelineLimit: 'pipeline_limit',
  cancelRequestedMs: 'cancel_requested_ms',
  stopReason: 'stop_reason',
  note: 'note',
  exitCode: 'exit_code',
  progress: 'progress',
  progressText: 'progress_text',
  engineNote: 'engine_note',
  begunMs: 'begun_ms',
  requestedMs: 'requested_ms',
  availableMs: 'available_ms',
  startedMs: 'started_ms',
  finishedMs: 'finished_ms',
  keep: 'keep',
  holdBy: 'hold_by',
  dueMs: 'due_ms',
  keepUntilMs: 'keep_until_ms',
  doomedMs: 'doomed_ms',
  warnedMs: 'warned_ms',
  warningId: 'warning_id',
} as const satisfies Record<keyof Run, string>;

const WORDS = new Set<keyof Run>([
  'submissionId',
  'pipelineId',
  'pipelineTitle',
  'projectId',
  'ownerId',
  'state',
  'engine',
  'gpuIds',
  'engineNote',
  'runnerName',
  'stopReason',
  'note',
  'progressText',
  'holdBy',
  'warningId',
]);

/** All columns of a run for a SELECT, each as `q.column`. Backticks, which both databases read, because `rank` is a reserved word in MySQL. */
export const RUN_COLUMNS = Object.values(COLUMNS)
  .map((column) => `q.\`${column}\``)
  .join(', ');

/** The run that a row of `RUN_COLUMNS` stands for. */
export function toRun(row: Row): Run {
  const run: Record<string, unknown> = {};
  for (const [property, column] of Object.entries(COLUMNS) as [keyof Run, string][]) run[property] = toValue(property, row[column]);
  return run as unknown as Run;
}

function toValue(property: keyof Run, value: unknown): unknown {
  if (property === 'keep') return Number(value) === 1;
  if (value === null || value === undefined) return null;
  if (property === 'handle') return JSON.parse(value as string) as unknown;
  return WORDS.has(property) ? value : Number(value);
}

/** Cuts a sentence to what its column holds, never through the middle of a character. */
export function clip(sentence: string | null, length: number): string | null {
  if (sentence === null || sentence.length <= length) return sentence;
  const cut = sentence.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}

/** Columns of a candidate for a claim. */
export function candidateColumns(dialect: Dialect, alias = ''): string {
  const columns = ['id', '`rank`', 'owner_id', 'pipeline_id', 'pipeline_limit', 'fence', 'engine', 'need_cpu', 'need_memory', 'need_gpus'];
  return [...columns.map((column) => `${alias}${column}`), `${NOW_MS[dialect]} - ${alias}available_ms AS waited_ms`].join(', ');
}

/** Columns of a share, from a held run and its runner. */
export const SHARE_COLUMNS = `owner_id, pipeline_id, engine, need_cpu, need_memory, need_gpus, runner_name, gpu_ids,
  (SELECT boot_id FROM runners WHERE name = runner_name) AS boot_id`;

/** The candidate that a row of `candidateColumns` stands for, with the turn of its owner where the row has it. */
export function toCandidate(row: Row): Candidate {
  return {
    id: Number(row['id']),
    rank: Number(row['rank']),
    ...toDemand(row),
    ownerId: row['owner_id'] as string,
    pipelineId: row['pipeline_id'] as string,
    pipelineLimit: row['pipeline_limit'] === null ? null : Number(row['pipeline_limit']),
    fence: Number(row['fence']),
    turn: Number(row['turn'] ?? 0),
    waitedMs: Number(row['waited_ms']),
  };
}

/** The share that a row of `SHARE_COLUMNS` stands for. */
export function toShare(row: Row): Share {
  return {
    ...toDemand(row),
    ownerId: row['owner_id'] as string,
    pipelineId: row['pipeline_id'] as string,
    runnerName: row['runner_name'] as string | null,
    bootId: row['boot_id'] as string | null,
    gpuIds: wordsOf(row['gpu_ids'] as string | null),
  };
}

/** A queued run as a candidate. */
export function toCandidateOf(run: Run): Candidate {
  const { id, rank, ownerId, pipelineId, pipelineLimit, fence } = run;
  return { id, rank, ownerId, pipelineId, pipelineLimit, fence, ...demandOfRun(run) };
}

/** A held run as a share. */
export function toShareOf(run: Run): Share {
  const { ownerId, pipelineId, runnerName } = run;
  return { ownerId, pipelineId, runnerName, gpuIds: wordsOf(run.gpuIds), ...demandOfRun(run) };
}

function demandOfRun({ engine, needCpu, needMemory, needGpus }: Run) {
  return { engine, cpu: needCpu, memory: needMemory, gpus: needGpus };
}

/** The words of a list with commas; none for null and ''. */
export function wordsOf(list: string | null): string[] {
  return list === null || list === '' ? [] : list.split(',');
}

function toDemand(row: Row) {
  return {
    engine: row['engine'] as Engine,
    cpu: Number(row['need_cpu']),
    memory: Number(row['need_memory']),
    gpus: Number(row['need_gpus']),
  };
}
