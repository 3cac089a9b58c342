/** What Slurm says of one job, and what its states mean. */

export interface SlurmJob {
  id: string;
  /** In capitals: `PENDING`, `OUT_OF_MEMORY`. */
  state: string;
  /** Slurm's word for why it waits or ended: `Resources`, `JobHeldUser`, `None`. */
  reason: string;
  /** Actual or expected start, milliseconds since 1970; null when Slurm does not know. */
  startMs: number | null;
  /** Its nodes; '' before it runs. */
  nodes: string;
  name: string;
  comment: string;
}

/** What makes a job ours: ids are used again, so they count only together with name and comment. */
export interface JobIdentity {
  /** Null while it is not known which id the submission got. */
  jobId: string | null;
  name: string;
  comment: string;
}

export type JobPhase = 'waiting' | 'active' | 'over' | 'strange';

const WAITING = new Set(['PENDING', 'REQUEUED', 'REQUEUE_FED', 'REQUEUE_HOLD', 'SPECIAL_EXIT', 'RESV_DEL_HOLD']);
const ACTIVE = new Set(['RUNNING', 'COMPLETING', 'CONFIGURING', 'SUSPENDED', 'STOPPED', 'SIGNALING', 'RESIZING', 'STAGE_OUT']);
const OVER = new Set([
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TIMEOUT',
  'OUT_OF_MEMORY',
  'NODE_FAIL',
  'PREEMPTED',
  'BOOT_FAIL',
  'DEADLINE',
  'LAUNCH_FAILED',
]);

/** A word that nobody here knows proves nothing. */
export function phaseOf({ state }: SlurmJob): JobPhase {
  if (WAITING.has(state)) return 'waiting';
  if (ACTIVE.has(state)) return 'active';
  return OVER.has(state) ? 'over' : 'strange';
}

export function isSame({ name, comment }: JobIdentity, job: SlurmJob): boolean {
  return job.name === name && job.comment === comment;
}

const FIELD = '\u001f';
const RECORD = '\u001e';

/**
 * Format for `squeue -o` of the jobs that `parseJobs` reads. Jobs of others may be named anything, line breaks and these separators
 * included, and are part of the answer. @param mark a word that nobody can know: with it no name can end a field, or look like a job.
 */
export function squeueFormat(mark: string): string {
  return `${RECORD}${mark}${['%i', '%T', '%r', '%S', '%N', '%j', '%k'].join(FIELD + mark)}${FIELD}${mark}`;
}

/** Fields for `sacct -o`, in the same order. Its delimiter is a field's end; a record ends with its line. */
export const SACCT_FIELDS = 'JobID,State%40,Reason,Start,NodeList,JobName%200,Comment%200';

/** The jobs in an answer of squeue. @returns null when anything in it is not what was asked for: such an answer proves nothing. */
export function parseJobs(answer: string, mark: string): SlurmJob[] | null {
  const [before, ...records] = answer.split(RECORD + mark);
  if (before?.trim() !== '') return null;
  const jobs = records.map((record) => toJob(record.split(FIELD + mark)));
  return jobs.includes(null) ? null : (jobs as SlurmJob[]);
}

/** The jobs in an answer of `sacct --parsable2 --delimiter=\x1f`; lines that are none are passed over, so absence proves nothing. */
export function parseAccounts(answer: string): SlurmJob[] {
  return answer.split('\n').flatMap((line) => toJob([...line.split(FIELD), '']) ?? []);
}

/** The value of a field in `scontrol show job`; null without one. */
export function detailOf(answer: string, field: string): string | null {
  return new RegExp(`(?:^|\\s)${field}=(\\S*)`).exec(answer)?.[1] ?? null;
}

/** The job that `scontrol show job --oneliner` describes; null when that is not what it says. */
export function parseDetails(answer: string): SlurmJob | null {
  const field = (name: string) => detailOf(answer, name) ?? '';
  const nodes = field('NodeList').replace('(null)', '');
  return toJob([field('JobId'), field('JobState'), field('Reason'), field('StartTime'), nodes, field('JobName'), field('Comment'), '']);
}

function toJob(fields: string[]): SlurmJob | null {
  const [id, state, reason, start, nodes, name, comment, end] = fields;
  if (fields.length !== 8 || !/^\d+/.test(id) || !/^[A-Z_]+/.test(state) || end.trim() !== '') return null;
  const seconds = /^\d+$/.test(start) ? Number(start) : null;
  // sacct adds who: "CANCELLED by 1000".
  return { id, state: /^[A-Z_]+/.exec(state)![0], reason, startMs: seconds && seconds * 1000, nodes, name, comment };
}
