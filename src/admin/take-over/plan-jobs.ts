import { createHash } from 'node:crypto';
import type { Pipeline } from '../../common/pipelines/manifest';
import type { FinalState } from '../../common/queue/run-state';
import type { OldRow } from './old-database';
import type { EndedJob, PersonPlan, Remark, WaitingJob } from './plan';
import { readRunCode } from './run-code';

type Row = OldRow<'queue'>;

export interface JobRules {
  people: readonly PersonPlan[];
  /** Folders of projects that are or were taken over, as `<owner>/<name>`. */
  places: ReadonlySet<string>;
  pipelines: ReadonlyMap<string, Pipeline>;
  /** Pipeline that the older system ran, where its rows do not say. */
  pipeline: string | null;
}

const WORDS: Record<FinalState | 'waiting' | 'running', RegExp> = {
  waiting: /^(queued|waiting|new|pending|submitted|scheduled)$/i,
  running: /^(started|running|processing|in[ _-]?progress|launched)$/i,
  succeeded: /^(done|finished|complete|completed|success|successful|succeeded|ok)$/i,
  failed: /^(failed|failure|error|errored|crashed)$/i,
  cancelled: /^(cancelled|canceled|aborted|deleted|removed)$/i,
  timed_out: /^(timed[ _-]?out|timeout)$/i,
  partial: /^(partial|partly)$/i,
  lost: /^(lost)$/i,
};
const MOST_CODE = 60_000;

/** What would become of the rows of the queue. */
export function draftJobs(rows: readonly Row[], rules: JobRules): { ended: EndedJob[]; waiting: WaitingJob[]; remarks: Remark[] } {
  const drafts = { ended: [] as EndedJob[], waiting: [] as WaitingJob[], remarks: [] as Remark[] };
  // The key goes before a name that looks like one.
  const byWord = new Map([...rules.people.map((one) => [one.name, one] as const), ...rules.people.map((one) => [one.key, one] as const)]);
  for (const row of rows) draftOne(row, { ...rules, byWord }, drafts);
  return drafts;
}

/** With people by what a row may call them. */
type Rules = JobRules & { byWord: ReadonlyMap<string, PersonPlan> };

function draftOne(row: Row, rules: Rules, { ended, waiting, remarks }: ReturnType<typeof draftJobs>): void {
  const number = row.run ?? row.id ?? '?';
  const what = `Job ${number} of ${row.person ?? 'nobody'} in ${row.project ?? 'no project'}`;
  const state = stateOf(row.status ?? '');
  if (state === 'running') {
    const sentence = `${what} is ${row.status ?? ''}. Let it end, or remove its row where its pipeline is gone, and stop the older system before you go on: a run under way cannot change its place.`;
    return void remarks.push({ level: 'stop', kind: 'running', sentence });
  }
  const place = placeOf(row, rules);
  const again = (why: string) => void remarks.push({ level: 'again', kind: 'again', sentence: `${what}: ${why}${codeInWords(row.code)}` });
  const left = (kind: string, why: string) => void remarks.push({ level: 'left', kind, sentence: `${what}: ${why}` });
  if (state === null) return left('state', `its state “${row.status ?? ''}” is not known here.`);
  if (place === null)
    return state === 'waiting'
      ? again('its project is not taken over.')
      : left('row without folder', 'its project is not there, or not taken over.');
  const id = row.pipeline ?? rules.pipeline;
  const pipeline = id === null ? undefined : rules.pipelines.get(id);
  const code = row.code ?? '';
  const values = pipeline ? readRunCode(code, pipeline.manifest.parameters, place.slice(place.indexOf('/') + 1)) : null;
  const key = keyOf(row);
  if (state === 'waiting') {
    if (id === null) return again('which pipeline it asks for is not known; --pipeline=NAME says so.');
    if (!pipeline) return again(`there is no pipeline “${id}” here.`);
    if (!values) return again(`its arguments are not those of the pipeline “${id}” here.`);
    return void waiting.push({ key, number, place, pipeline, submitted: values });
  }
  if (id !== null && !pipeline) {
    const sentence = `There is no pipeline “${id}” here. Runs of it are shown, and cannot be asked for again.`;
    if (!remarks.some((remark) => remark.sentence === sentence)) remarks.push({ level: 'note', kind: 'pipeline', sentence });
  }
  const time = (value: string | null) => (value === null ? null : Number(value));
  ended.push({
    key,
    number,
    place,
    state,
    pipeline: pipeline ?? null,
    pipelineId: id ?? 'unknown',
    values,
    code: code.slice(0, MOST_CODE),
    message: row.message,
    exitCode: row.exit !== null && /^-?\d{1,6}$/.test(row.exit) ? Number(row.exit) : null,
    requestedMs: time(row.requested),
    startedMs: time(row.started),
    endedMs: time(row.ended),
  });
}

function stateOf(status: string): FinalState | 'waiting' | 'running' | null {
  const [state] = Object.entries(WORDS).find(([, pattern]) => pattern.test(status.trim())) ?? [];
  return (state as FinalState | 'waiting' | 'running' | undefined) ?? null;
}

/** Rows name a project by its name alone, or by its path. */
function placeOf({ person, project }: Row, { byWord, places }: Rules): string | null {
  const name = project?.split('/').findLast((step) => step !== '') ?? '';
  const folders = byWord.get(person ?? '')?.folders ?? (person === null ? [] : [person]);
  return folders.map((folder) => `${folder}/${name}`).find((place) => places.has(place)) ?? null;
}

/** Rows without an id are told by what they say. */
function keyOf(row: Row): string {
  return row.id ?? createHash('sha256').update(JSON.stringify(row)).digest('hex');
}

function codeInWords(code: string | null): string {
  if (code === null || code.trim() === '') return '';
  const line = code.replaceAll(/\s+/g, ' ').trim();
  return ` It asks for: ${line.length > 300 ? `${line.slice(0, 299)}…` : line}`;
}
