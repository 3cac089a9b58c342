/** Fills the queue with runs that nobody has asked for, by a few statements. */
import { randomUUID } from 'node:crypto';

const AT_ONCE = 100_000;

/**
 * @param {(text: string) => Promise<unknown>} query asks the database. @param {number} count of runs.
 * @param {{ state: string, owners: number, pipelines: number, owner?: string, project?: string }} runs `owner` and `project` are of one
 * person; without them the runs are of `person-0`, `person-1`, …, each run in one of `project-0` to `project-999`.
 */
export async function fill(query, isSqlite, count, { state, owners, pipelines, owner, project }) {
  const word = (prefix, number) => (isSqlite ? `'${prefix}' || (${number})` : `CONCAT('${prefix}', ${number})`);
  for (let done = 0; done < count; done += AT_ONCE) {
    const tag = randomUUID().slice(0, 8);
    await query(
      `INSERT INTO queue (submission_id, pipeline_id, pipeline_title, project_id, owner_id, state, \`rank\`, fence, attempt, starts,
         max_starts, start_failures, time_limit_seconds, pipeline_limit, requested_ms, available_ms, started_ms, finished_ms, keep)
       SELECT ${word(tag, 'n')}, ${word('pipeline-', `n % ${pipelines}`)}, 'Nuclei', ${project ? `'${project}'` : word('project-', 'n % 1000')},
         ${owner ? `'${owner}'` : word('person-', `n % ${owners}`)}, '${state}', 0, ${state === 'queued' ? '0, 0, 0' : '1, 1, 1'}, 1, 0, 60, NULL, 1, 1,
         ${state === 'queued' ? 'NULL, NULL' : '2, 3 + n'}, 0
       FROM (${numbers()}) numbers WHERE n < ${Math.min(AT_ONCE, count - done)}`,
    );
  }
}

/** From 0 to 99,999. */
export function numbers() {
  const digits = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')})`;
  return `SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
    FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e, ${digits} f`;
}
