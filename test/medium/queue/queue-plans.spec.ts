import { randomUUID } from 'node:crypto';
import {
  claimedQuery,
  claimStatement,
  followersQueries,
  guestsQueries,
  OVERVIEW,
  toOverview,
  type Statement,
} from '../../../src/common/queue/mariadb-claim';
import { linkSql } from '../../../src/common/queue/link-sql';
import { positional } from '../../../src/common/queue/named-values';
import { ownerSteps } from '../../../src/common/queue/owner-steps';
import { queueSql } from '../../../src/common/queue/queue-sql';
import type { Row } from '../../../src/common/queue/run-row';
import type { Values } from '../../../src/common/queue/sql-queue-store';
import { SQLITE_CLAIM } from '../../../src/common/queue/sqlite-queue-store';
import { steeringSql } from '../../../src/common/queue/steering-sql';
import { aCapacity } from '../../factories';
import { reachOf } from '../../../src/common/queue/claim-terms';
import { QueueStage } from './queue-stage';

const DEMAND = { engine: 'process', cpu: 1000, memory: 0, gpus: 0 } as const;

/** A queue of 20,000 runs that wait and as many that have ended: what is read at each look and claim must not grow with it. */
const WAITING = 20_000;
const OWNERS = 20;
const PIPELINES = 4;

let stage: QueueStage;

beforeAll(async () => {
  stage = await QueueStage.open();
  await fill('queued', 'NULL');
  await fill('succeeded', '5');
  if (!stage.isSqlite) await stage.sql('ANALYZE TABLE queue');
}, 120_000);
afterAll(() => stage.close());

const LEASE: Values = { runId: 1, fence: 0 };
const RUNNER: Values = { runner: 'first', name: 'first', incarnation: 'x', staleSeconds: 60, trouble: null, health: null };

describe('each hot statement finds its rows by an index', () => {
  const dialect = process.env['TEST_MARIADB_SOCKET'] ? 'mariadb' : 'sqlite';
  const sql = queueSql(dialect);
  const steering = steeringSql(dialect);
  const links = linkSql(dialect);
  const group = { rank: 0, ownerId: 'owner-1', pipelineId: 'pipeline-1', head: 5, ...reachOf(aCapacity()) };
  const candidate = { id: 7, rank: 0, ownerId: 'owner-1', pipelineId: 'pipeline-1', pipelineLimit: null, fence: 0, ...DEMAND };
  const statements: Record<string, [string, Values]> = {
    glance: [sql.glance, RUNNER],
    toFrontRank: [steering.toFrontRank, { runId: 1 }],
    toFront: [steering.toFront, { runId: 1, rank: -1 }],
    toBackRank: [steering.toBackRank, { runId: 1 }],
    toBack: [steering.toBack, { runId: 1, rank: 1 }],
    hold: [steering.hold, { runId: 1, by: 'x', note: 'x' }],
    letGo: [steering.letGo, { runId: 1 }],
    lineOf: [steering.lineOf, { ownerId: 'owner-1', pipelineId: 'pipeline-1' }],
    waitingOf: [sql.waitingOf, { ownerId: 'owner-1' }],
    held: [sql.held, {}],
    releaseDue: [sql.releaseDue, {}],
    'decided links': [links.decided, { above: 0 }],
    'start of a link': [links.start, { runId: 1 }],
    'stop of a link': [links.stop, { runId: 1, note: 'x' }],
    'links that are open in vain': [links.closeOthers, {}],
    requestCancel: [sql.requestCancel, { runId: 1, note: 'x' }],
    takeOver: [sql.takeOver, { ...LEASE, ...RUNNER }],
    runOfTakeOver: [sql.runOfTakeOver, { ...LEASE, ...RUNNER }],
    findSubmission: [sql.findSubmission, { submissionId: 'x' }],
    beat: [sql.beat, RUNNER],
    'taken of authorise': [ownerSteps(dialect).authorise.taken, LEASE],
    finish: [ownerSteps(dialect).finish.update, { ...LEASE, state: 'failed', exitCode: 1, note: null }],
    ...(dialect === 'sqlite'
      ? {
          'shares of a claim': [SQLITE_CLAIM.shares, {}],
          'heads of a claim': [SQLITE_CLAIM.heads, {}],
          'next of a group': [SQLITE_CLAIM.nextOfGroup, group],
          'guests of a claim': [SQLITE_CLAIM.guests, { ownerIds: '["owner-1"]' }],
        }
      : {
          'overview of a claim': [OVERVIEW, {}],
          'followers of a claim': pairOf(
            followersQueries({ gate: 0, held: [], heads: [{ ...candidate, more: true, hasTurn: true }] }, aCapacity(), 4)[0],
          ),
          claim: pairOf(claimStatement([{ candidate, gpuIds: ['0', '1'] }], new Map([['owner-1', 7]])), { ...RUNNER, gate: 0 }),
          'claimed runs': pairOf(claimedQuery([candidate]), RUNNER),
          'guests of a claim': pairOf(guestsQueries(['owner-1', 'owner-2'])[0]),
        }),
  };

  it.each(Object.keys(statements))('%s', async (name) => {
    const [statement, values] = statements[name];
    expect(await faultsOfPlan(statement, values)).toEqual([]);
  });

  it('and the guard sees a statement that does not', async () => {
    const byTime = 'SELECT id FROM queue WHERE requested_ms > :since ORDER BY note';
    expect((await faultsOfPlan(byTime, { since: 1 })).length).toBeGreaterThan(0);
  });
});

it('a claim and a look touch a few hundred rows at most', async () => {
  if (stage.isSqlite) {
    // SQLite counts no rows, but its plan tells that each search begins behind the line and not at its head.
    const rows = await stage.sql<Row[]>(`EXPLAIN QUERY PLAN ${SQLITE_CLAIM.heads}`);
    const searches = rows.map((row) => /USING COVERING INDEX idx_queue_head \((.*)\)$/.exec(row['detail'] as string)?.[1]);
    const plans = [
      'state=?',
      'state=? AND rank=? AND owner_id=? AND pipeline_id>?',
      'state=? AND rank=? AND owner_id>?',
      'state=? AND rank>?',
    ];
    expect(searches.filter((search) => search !== undefined)).toEqual(plans);
    return;
  }
  expect(await rowsRead(OVERVIEW)).toBeLessThan(8 * OWNERS * PIPELINES);
  const overview = toOverview(await stage.sql<Row[]>(OVERVIEW));
  expect(overview.heads).toHaveLength(OWNERS * PIPELINES);
  const [text, values] = positional(...pairOf(followersQueries(overview, aCapacity(), 8)[0]));
  expect(await rowsRead(text, values)).toBeLessThan(24 * 10);
  expect(await rowsRead(...positional(queueSql('mariadb').glance, RUNNER))).toBeLessThan(20);
});

async function fill(state: string, finishedMs: string): Promise<void> {
  const digits = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS d`).join(' UNION ALL ')})`;
  const word = (prefix: string, number: string) => (stage.isSqlite ? `'${prefix}' || (${number})` : `CONCAT('${prefix}', ${number})`);
  await stage.sql(
    `INSERT INTO queue (submission_id, pipeline_id, pipeline_title, project_id, owner_id, state, \`rank\`, fence, attempt, starts, max_starts,
       start_failures, time_limit_seconds, pipeline_limit, requested_ms, available_ms, finished_ms, keep)
     SELECT ${word(randomUUID().slice(0, 8), 'n')}, ${word('pipeline-', `n % ${PIPELINES}`)}, 'Nuclei', 'project',
       ${word('owner-', `(n / ${PIPELINES * 10}) % ${OWNERS}`).replace('(n /', stage.isSqlite ? '(n /' : '(n DIV')}, '${state}',
       0, 0, 0, 0, 1, 0, 60, NULL, 1, 1, ${finishedMs}, 0
     FROM (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d AS n
           FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e, ${digits} f WHERE f.d < ${WAITING / 10_000}) numbers`,
  );
}

async function faultsOfPlan(statement: string, values: Values): Promise<string[]> {
  const [text, list] = positional(statement, values);
  const rows = await stage.sql<Row[]>(`${stage.isSqlite ? 'EXPLAIN QUERY PLAN' : 'EXPLAIN'} ${text}`, list);
  expect(rows.length).toBeGreaterThan(0);
  return rows.map((row) => (stage.isSqlite ? faultInSqlite(row) : faultInMariadb(row))).filter((fault) => fault !== null);
}

function faultInSqlite(row: Row): string | null {
  const detail = row['detail'] as string;
  // What the statement itself has gathered, a row for each line, is read as a whole.
  return /^SCAN (?!CONSTANT|h$|head$|json_each|\(subquery)|TEMP B-TREE/.test(detail) ? detail : null;
}

function faultInMariadb(row: Row): string | null {
  const extra = (row['Extra'] as string | null) ?? '';
  // The derived table is the result of the leaps, one row for each group, and is read as a whole.
  const scans = (row['type'] === 'ALL' || row['type'] === 'index') && !(row['table'] as string).startsWith('<derived');
  return scans || /filesort|temporary/.test(extra) ? JSON.stringify(row) : null;
}

async function rowsRead(text: string, values: unknown[] = []): Promise<number> {
  const queryRunner = stage.dataSource.createQueryRunner();
  const count = async () => {
    const rows = (await queryRunner.query(`SHOW SESSION STATUS LIKE 'Handler_read%'`)) as { Value: string }[];
    return rows.reduce((sum, row) => sum + Number(row.Value), 0);
  };
  try {
    const before = await count();
    await queryRunner.query(text, values);
    return (await count()) - before;
  } finally {
    await queryRunner.release();
  }
}

function pairOf(query: Statement | undefined, more: Values = {}): [string, Values] {
  if (!query) throw new Error('no group has followers');
  return [query.statement, { ...query.values, ...more }];
}
