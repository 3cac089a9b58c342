import { reachOf, WITHIN_REACH } from './claim-terms';
import { couldEverTake, type Candidate, type Capacity, type Choice, type Share } from './choose-runs';
import { useIndex, words } from './queue-sql';
import { HELD_STATES } from './run-state';
import { candidateColumns, RUN_COLUMNS, toCandidate, toShare, type Row } from './run-row';
import type { Values } from './sql-queue-store';

/** Groups that are read beyond their oldest run, when several places are free. Later groups offer their oldest run only. */
const MOST_DEEP_GROUPS = 24;
/** Groups that one statement asks about: however many there are, none of their statements grows beyond what the server likes to plan. */
const GROUPS_A_STATEMENT = 48;

/** People of whom one statement asks whether they are guests. */
const PEOPLE_A_STATEMENT = 500;

const HEAD = `queue ${useIndex('mariadb', 'idx_queue_head')}`;

/**
 * Gate, held runs and the oldest run of each (rank, owner, pipeline), in one statement: that is one snapshot, so nothing can be decided
 * on a newer gate and older runs. The GROUP BY names the index columns in their order, which makes MariaDB leap from group to group
 * ("Using index for group-by") rather than read the whole queue.
 */
export const OVERVIEW = `
  SELECT 'gate' AS kind, v AS id, 0 AS \`rank\`, '' AS owner_id, '' AS pipeline_id, NULL AS pipeline_limit, 0 AS fence, '' AS engine,
    0 AS need_cpu, 0 AS need_memory, 0 AS need_gpus, 0 AS waited_ms, NULL AS runner_name, NULL AS gpu_ids, NULL AS boot_id, 0 AS more, NULL AS turn
  FROM gate WHERE id = 1 AND held_ms IS NULL
  UNION ALL
  SELECT 'held', 0, 0, owner_id, pipeline_id, NULL, 0, engine, need_cpu, need_memory, need_gpus, 0, runner_name, gpu_ids,
    (SELECT boot_id FROM runners WHERE name = runner_name), 0, NULL
  FROM ${HEAD} WHERE state IN (${words(HELD_STATES)})
  UNION ALL
  SELECT 'queued', ${candidateColumns('mariadb', 'q.')}, NULL, NULL, NULL, g.newest > g.oldest, t.turn
  FROM (
    SELECT MIN(id) AS oldest, MAX(id) AS newest FROM ${HEAD}
    WHERE state = 'queued' GROUP BY state, \`rank\`, owner_id, pipeline_id
  ) g JOIN queue q ON q.id = g.oldest LEFT JOIN turns t ON t.owner_id = q.owner_id`;

/** The oldest run of a group. */
export interface GroupHead extends Candidate {
  /** Whether others stand behind it. */
  more: boolean;
  /** Whether its owner has had a turn before, or a row for it. */
  hasTurn: boolean;
}

export interface Overview {
  /** Null while the whole queue is on hold. */
  gate: number | null;
  held: Share[];
  heads: GroupHead[];
}

export interface Statement {
  statement: string;
  values: Values;
}

/** Sorts the rows of `OVERVIEW` by what they are. */
export function toOverview(rows: readonly Row[]): Overview {
  const overview: Overview = { gate: null, held: [], heads: [] };
  for (const row of rows) {
    if (row['kind'] === 'gate') overview.gate = Number(row['id']);
    else if (row['kind'] === 'held') overview.held.push(toShare(row));
    else overview.heads.push({ ...toCandidate(row), more: Number(row['more']) === 1, hasTurn: row['turn'] !== null });
  }
  return overview;
}

/**
 * The statements that read what stands behind the oldest of the groups, as deep as there are places. Behind a run that the runner could
 * never take it always has to be read, for then nothing else of its group is known.
 */
export function followersQueries({ heads }: Overview, runner: Capacity, places: number): Statement[] {
  const hiding = heads.filter((head) => head.more && !couldEverTake(runner, head));
  const deep = heads
    .filter((head) => places > 1 && head.more && couldEverTake(runner, head))
    .sort((one, other) => one.rank - other.rank || one.id - other.id)
    .slice(0, MOST_DEEP_GROUPS);
  const all = [...hiding, ...deep];
  const parts = Array.from({ length: Math.ceil(all.length / GROUPS_A_STATEMENT) }, (_, part) =>
    all.slice(part * GROUPS_A_STATEMENT, (part + 1) * GROUPS_A_STATEMENT),
  );
  return parts.map((part) => behindAll(part, runner, places));
}

function behindAll(heads: readonly GroupHead[], runner: Capacity, places: number): Statement {
  const values: Values = { ...reachOf(runner), places };
  const branches = heads.map((head, index) => {
    Object.assign(values, { [`rank${index}`]: head.rank, [`owner${index}`]: head.ownerId, [`pipeline${index}`]: head.pipelineId });
    values[`head${index}`] = head.id;
    return `(SELECT ${candidateColumns('mariadb')} FROM ${HEAD}
      WHERE state = 'queued' AND \`rank\` = :rank${index} AND owner_id = :owner${index} AND pipeline_id = :pipeline${index}
        AND id > :head${index} AND ${WITHIN_REACH}
      ORDER BY id LIMIT :places)`;
  });
  return { statement: branches.join(' UNION ALL '), values };
}

/** The runs behind the heads, each with the turn of its owner. */
export function toFollowers(rows: readonly Row[], { heads }: Overview): Candidate[] {
  const turns = new Map(heads.map((head) => [head.ownerId, head.turn ?? 0]));
  return rows.map(toCandidate).map((candidate) => ({ ...candidate, turn: turns.get(candidate.ownerId) ?? 0 }));
}

/**
 * The one conditional statement of a claim: it does something only if no other claim passed the gate since the overview, and only for a
 * runner that is registered and not replaced. The owners' turns move with it; each of them has to have a row for that.
 */
export function claimStatement(choices: readonly Choice<Candidate>[], turns: ReadonlyMap<string, number>): Statement {
  const values: Values = {};
  const ids = choices.map(({ candidate }, index) => name(values, `id${index}`, candidate.id));
  const gpus = choices.flatMap(({ gpuIds }, index) =>
    gpuIds.length === 0 ? [] : [`WHEN :id${index} THEN ${name(values, `gpus${index}`, gpuIds.join(','))}`],
  );
  const cases = [...turns].map(
    ([ownerId, turn], index) => `WHEN ${name(values, `owner${index}`, ownerId)} THEN ${name(values, `turn${index}`, turn)}`,
  );
  const statement = `
    UPDATE gate JOIN queue q ON q.id IN (${ids.join(', ')}) LEFT JOIN turns t ON t.owner_id = q.owner_id
    SET gate.v = gate.v + 1, t.turn = CASE t.owner_id ${cases.join(' ')} END, q.fence = q.fence + 1, q.attempt = q.attempt + 1,
      q.runner_name = :name, q.gpu_ids = ${gpus.length === 0 ? 'NULL' : `CASE q.id ${gpus.join(' ')} END`}, q.state = 'starting'
    WHERE gate.id = 1 AND gate.v = :gate AND q.state = 'queued'
      AND EXISTS (SELECT 1 FROM runners r WHERE r.name = :name AND r.incarnation = :incarnation AND r.stopped = 0
        AND r.mode = 'active')`;
  return { statement, values };
}

/**
 * A claim and what it got, in one round trip; each of the two statements is committed by itself. The packet at the end counts the rows
 * of the claim.
 */
export function claimAndReadStatement(choices: readonly Choice<Candidate>[], turns: ReadonlyMap<string, number>): Statement {
  const claim = claimStatement(choices, turns);
  const claimed = claimedQuery(choices.map(({ candidate }) => candidate));
  return {
    statement: `BEGIN NOT ATOMIC ${claim.statement}; ${claimed.statement}; END`,
    values: { ...claim.values, ...claimed.values },
  };
}

/** The statements that find the guests among these people. */
export function guestsQueries(ownerIds: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  for (let start = 0; start < ownerIds.length; start += PEOPLE_A_STATEMENT) {
    const values: Values = {};
    const asked = ownerIds.slice(start, start + PEOPLE_A_STATEMENT).map((ownerId, index) => name(values, `owner${index}`, ownerId));
    statements.push({ statement: `SELECT id FROM users WHERE kind = 'guest' AND id IN (${asked.join(', ')})`, values });
  }
  return statements;
}

/** Gives rows to owners that have had no turn yet. */
export function firstTurnsStatement(ownerIds: readonly string[]): Statement {
  const values: Values = {};
  const rows = ownerIds.map((ownerId, index) => `(${name(values, `owner${index}`, ownerId)}, 0)`);
  return { statement: `INSERT IGNORE INTO turns (owner_id, turn) VALUES ${rows.join(', ')}`, values };
}

/** The chosen runs that are this runner's now, each with the fence that only this claim can have given it. */
export function claimedQuery(chosen: readonly Candidate[]): Statement {
  const values: Values = {};
  const ids = chosen.map(({ id }, index) => name(values, `id${index}`, id));
  const fences = chosen.map(({ fence }, index) => `(:id${index}, ${name(values, `fence${index}`, fence + 1)})`);
  const statement = `
    SELECT ${RUN_COLUMNS} FROM queue q
    WHERE q.id IN (${ids.join(', ')}) AND (q.id, q.fence) IN (${fences.join(', ')})
      AND q.state = 'starting' AND q.runner_name = :name
      AND EXISTS (SELECT 1 FROM runners r WHERE r.name = :name AND r.incarnation = :incarnation)`;
  return { statement, values };
}

function name(values: Values, key: string, value: string | number): string {
  values[key] = value;
  return `:${key}`;
}
