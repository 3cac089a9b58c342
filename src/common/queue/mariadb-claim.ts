import type { Candidate, Choice, Share } from './choose-runs';
import { useIndex, words } from './queue-sql';
import { HELD_STATES } from './run-state';
import { CANDIDATE_COLUMNS, RUN_COLUMNS, toCandidate, toShare, type Row } from './run-row';
import type { Values } from './sql-queue-store';

/** Groups that are read beyond their oldest run, when several places are free. Later groups offer their oldest run only. */
const MOST_DEEP_GROUPS = 24;

const HEAD = `queue ${useIndex('mariadb', 'idx_queue_head')}`;

/**
 * Gate, held runs and the oldest run of each (rank, owner, pipeline), in one statement: that is one snapshot, so nothing can be decided
 * on a newer gate and older runs. The GROUP BY names the index columns in their order, which makes MariaDB leap from group to group
 * ("Using index for group-by") rather than read the whole queue.
 */
export const OVERVIEW = `
  SELECT 'gate' AS kind, v AS id, 0 AS \`rank\`, '' AS owner_id, '' AS pipeline_id, NULL AS pipeline_limit, 0 AS fence, '' AS engine,
    0 AS need_cpu, 0 AS need_memory, 0 AS need_gpus, NULL AS runner_name, NULL AS gpu_ids, 0 AS more
  FROM gate WHERE id = 1
  UNION ALL
  SELECT 'held', 0, 0, owner_id, pipeline_id, NULL, 0, engine, need_cpu, need_memory, need_gpus, runner_name, gpu_ids, 0
  FROM ${HEAD} WHERE state IN (${words(HELD_STATES)})
  UNION ALL
  SELECT 'queued', q.id, q.\`rank\`, q.owner_id, q.pipeline_id, q.pipeline_limit, q.fence, q.engine, q.need_cpu, q.need_memory,
    q.need_gpus, NULL, NULL, g.newest > g.oldest
  FROM (
    SELECT MIN(id) AS oldest, MAX(id) AS newest FROM ${HEAD}
    WHERE state = 'queued' GROUP BY state, \`rank\`, owner_id, pipeline_id
  ) g JOIN queue q ON q.id = g.oldest`;

export interface Overview {
  gate: number;
  held: Share[];
  heads: (Candidate & { more: boolean })[];
}

/** Sorts the rows of `OVERVIEW` by what they are. */
export function toOverview(rows: readonly Row[]): Overview {
  const ofKind = (kind: string) => rows.filter((row) => row['kind'] === kind);
  return {
    gate: Number(ofKind('gate')[0]?.['id']),
    held: ofKind('held').map(toShare),
    heads: ofKind('queued').map((row) => ({ ...toCandidate(row), more: Number(row['more']) === 1 })),
  };
}

/** The statement that reads the runs behind the oldest of the groups that have more, as deep as there are places; null if no group has. */
export function followersQuery({ heads }: Overview, places: number): { statement: string; values: Values } | null {
  const deep = heads
    .filter((head) => head.more)
    .sort((one, other) => one.rank - other.rank || one.id - other.id)
    .slice(0, MOST_DEEP_GROUPS);
  if (deep.length === 0) return null;
  const values: Values = { places: places - 1 };
  const branches = deep.map((head, index) => {
    Object.assign(values, { [`rank${index}`]: head.rank, [`owner${index}`]: head.ownerId, [`pipeline${index}`]: head.pipelineId });
    values[`head${index}`] = head.id;
    return `(SELECT ${CANDIDATE_COLUMNS} FROM ${HEAD}
      WHERE state = 'queued' AND \`rank\` = :rank${index} AND owner_id = :owner${index} AND pipeline_id = :pipeline${index}
        AND id > :head${index}
      ORDER BY id LIMIT :places)`;
  });
  return { statement: branches.join(' UNION ALL '), values };
}

/**
 * The one conditional statement of a claim: it does something only if no other claim passed the gate since the overview, and only for a
 * runner that is registered and not replaced.
 */
export function claimStatement(choices: readonly Choice<Candidate>[]): string {
  const ids = choices.map(({ candidate }) => candidate.id);
  const gpus = choices
    .filter(({ gpuIds }) => gpuIds.length > 0)
    .map(({ candidate, gpuIds }) => `WHEN ${candidate.id} THEN ${quoted(gpuIds)}`);
  const gpuIds = gpus.length === 0 ? 'NULL' : `CASE q.id ${gpus.join(' ')} END`;
  return `
    UPDATE gate JOIN queue q ON q.id IN (${ids.join(', ')})
    SET gate.v = gate.v + 1, q.fence = q.fence + 1, q.attempt = q.attempt + 1, q.runner_name = :name, q.gpu_ids = ${gpuIds},
      q.state = 'starting'
    WHERE gate.id = 1 AND gate.v = :gate AND q.state = 'queued'
      AND EXISTS (SELECT 1 FROM runners r WHERE r.name = :name AND r.incarnation = :incarnation AND r.stopped = 0
        AND r.mode = 'active')`;
}

/** A list of GPU ids as a literal; the settings allow letters, digits, `-`, `:`, `.` and `/` in them. */
function quoted(gpuIds: readonly string[]): string {
  const list = gpuIds.join(',');
  if (!/^[\w.:/,-]*$/.test(list)) throw new Error(`not a list of GPU ids: ${list}`);
  return `'${list}'`;
}

/** The chosen runs that are this runner's now, each with the fence that only this claim can have given it. */
export function claimedQuery(chosen: readonly Candidate[]): string {
  const fences = chosen.map(({ id, fence }) => `(${id}, ${fence + 1})`).join(', ');
  return `
    SELECT ${RUN_COLUMNS} FROM queue q
    WHERE q.id IN (${chosen.map(({ id }) => id).join(', ')}) AND (q.id, q.fence) IN (${fences})
      AND q.state = 'starting' AND q.runner_name = :name
      AND EXISTS (SELECT 1 FROM runners r WHERE r.name = :name AND r.incarnation = :incarnation)`;
}
