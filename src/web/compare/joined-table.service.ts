import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { parseEntryPath } from '../../common/files/entry-name';
import type { Manifest } from '../../common/pipelines/manifest';
import { storedInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import type { Run } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { titleOfFile } from '../show/result-choice';
import { shownPath } from '../show/run-outputs';
import { RunResults } from '../show/run-results';
import { CellWords } from '../tables/engine/join/cell-words';
import type { JoinSort, TableJoin } from '../tables/engine/join/join-tasks';
import type { TableIndex } from '../tables/engine/tasks';
import { TableJoins, type JoinParts, type AskedJoin, type Pair, type PairChoice } from '../tables/join/table-joins';
import { OpenTable } from '../tables/open-table';
import { sendCsv } from '../tables/send-csv';
import { valueOf, type Outcome } from '../tables/shared-work';
import { TableFacts, type AskedTable } from '../tables/table-facts';
import { TableRows } from '../tables/table-rows';
import { ComparedRuns } from './compared-runs';
import { areRunningNumbers, commonColumns, comparedColumns, keyAmong, type CommonColumn } from './join-columns';
import type { JoinAsk } from './join-query';
import { joinedView, PAGE_ROWS, type JoinedState, type JoinedTableView } from './joined-table.view';

const GUESS_ROWS = 200;
const MOST_NAMES = 2000;
const WAIT_MS = 1500;
const EXPORT_WAIT_MS = 120_000;

/** What was opened for a page, and how it is joined. */
interface Opened {
  runs: Run[];
  pair: [Run, Run];
  asked: AskedJoin;
  key: CommonColumn;
  keys: CommonColumn[];
  columns: CommonColumn[];
  left: number;
  /** Whether the key only numbers the rows of each table, as far as its first rows tell. */
  isNumbered: boolean;
  choice: PairChoice;
}

/** The same table of two runs, joined by a key over all of its rows. */
@Injectable()
export class JoinedTables {
  constructor(
    private readonly runs: ComparedRuns,
    private readonly results: RunResults,
    private readonly rows: TableRows,
    private readonly facts: TableFacts,
    private readonly joins: TableJoins,
    private readonly stored: RunsRepository,
  ) {}

  /** @throws NotFoundError where a run or its table is not there, InvalidInputError where they have no column in common. */
  show(person: User, project: Project, ask: JoinAsk, signal: AbortSignal): Promise<JoinedTableView> {
    return this.withTables(person, ask, signal, async (opened) => {
      const state = await this.find(opened, ask, { waitMs: WAIT_MS, signal });
      for (const { table } of [opened.asked.first, opened.asked.second]) await table.checkUnchanged();
      const details = await this.stored.details(opened.pair[0].id);
      const { outputs = [] } = storedInReadersWords((details?.manifest ?? {}) as Partial<Manifest>);
      const heading = titleOfFile(outputs, shownPath(parseEntryPath(ask.file)));
      return joinedView(project, ask, { ...opened, heading }, state);
    });
  }

  /** Answers with all rows that are wanted as CSV. @throws as `show`; UnavailableError when the join takes long. */
  send(person: User, ask: JoinAsk, response: Response, signal: AbortSignal): Promise<void> {
    return this.withTables(person, ask, signal, async (opened) => {
      const { asked, choice, columns, key, pair } = opened;
      const { outcomes } = await this.prepare(opened, { waitMs: EXPORT_WAIT_MS, signal });
      const [first, second] = [valueOf(outcomes[0]), valueOf(outcomes[1])];
      valueOf(outcomes[2]);
      if (outcomes[3]) valueOf(outcomes[3]);
      const cells = columns.flatMap(({ name }) => pair.map(({ id }) => `${name} #${id}`));
      const head = [key.name, text('compare.rowState'), ...cells];
      const [one, other] = pair.map(({ id }) => text('compare.onlyIn', { number: id }));
      const words = { equal: text('compare.equalRows'), changed: text('compare.changedRows'), first: one, second: other };
      const name = `${asked.first.table.name.replace(/\.[^.]*$/, '')}-${pair[0].id}-${pair[1].id}.csv`;
      const parts: JoinParts = { indexes: [first, second], head, words };
      await sendCsv(response, signal, name, (take) => this.joins.export(asked, choice, parts, signal, take));
    });
  }

  private async withTables<Value>(
    person: User,
    ask: JoinAsk,
    signal: AbortSignal,
    work: (opened: Opened) => Promise<Value>,
  ): Promise<Value> {
    const { all, pair } = await this.runs.pair(person, ask.runIds, ask.pair);
    const path = parseEntryPath(ask.file);
    if (path.length === 0) throw new InvalidInputError('files.badPath');
    const tables: AskedTable[] = [];
    try {
      for (const run of pair) {
        const results = await this.results.of(run);
        tables.push({ table: await OpenTable.open(run.id, results, path), results });
      }
      return await work(await this.opened(all, pair, [tables[0], tables[1]], ask, signal));
    } finally {
      for (const { table } of tables) await table.close();
    }
  }

  private async opened(runs: Run[], pair: [Run, Run], [first, second]: [AskedTable, AskedTable], ask: JoinAsk, signal: AbortSignal) {
    const range = { from: 0, to: MOST_NAMES };
    const names = await Promise.all([first, second].map(({ table }) => this.rows.names(table, range, signal)));
    const common = commonColumns(names[0], names[1]);
    const [one, other] = [first, second].map(({ table }) => this.rows.start(table, range, GUESS_ROWS).rows);
    const key = keyAmong(common, { first: one, second: other }, ask.key);
    if (!key) throw new InvalidInputError('compare.nothingCommon', { name: first.table.name });
    const { columns, left } = comparedColumns(common, key);
    const sort = sortOf(ask.sort, columns);
    const asked = { first, second, key: pairOf(key), columns: columns.map(pairOf) };
    const isNumbered = [one.map((row) => row[key.first] ?? ''), other.map((row) => row[key.second] ?? '')].every(areRunningNumbers);
    return { runs, pair, asked, key, keys: common, columns, left, isNumbered, choice: { show: ask.show, sort } } satisfies Opened;
  }

  /** All that has to be known before rows can be shown; what takes long goes on. */
  private async prepare({ asked, choice }: Opened, patience: { waitMs: number; signal: AbortSignal }) {
    const [first, second, join] = await Promise.all([
      this.facts.index(asked.first, patience),
      this.facts.index(asked.second, patience),
      this.joins.join(asked, patience),
    ]);
    const order = join.state === 'done' ? await this.joins.order(asked, choice, patience) : null;
    const outcomes: [Outcome<TableIndex>, Outcome<TableIndex>, Outcome<TableJoin>, Outcome<{ rows: number }> | null] = [
      first,
      second,
      join,
      order,
    ];
    return { outcomes };
  }

  private async find(opened: Opened, ask: JoinAsk, patience: { waitMs: number; signal: AbortSignal }): Promise<JoinedState> {
    const { outcomes } = await this.prepare(opened, patience);
    const [first, second, join, order] = outcomes;
    patience.signal.throwIfAborted();
    const refused = outcomes.find((outcome) => outcome?.state === 'refused');
    const refusal = refused?.state === 'refused' ? refused.reason.message : null;
    const done = outcomes.flatMap((outcome) => (outcome?.state === 'working' ? [outcome.done] : []));
    const isReady = first.state === 'done' && second.state === 'done' && join.state === 'done' && (!order || order.state === 'done');
    const found = join.state === 'done' ? join.value : null;
    if (!isReady) return { join: found, refusal, done: done.length > 0 ? Math.min(...done) : null, count: null, rows: [], from: 0 };
    const count = order?.state === 'done' ? order.value.rows : join.value.matched + join.value.first.only + join.value.second.only;
    const pages = Math.max(1, Math.ceil(count / PAGE_ROWS));
    const from = (Math.min(ask.page, pages) - 1) * PAGE_ROWS;
    const pairs = await this.joins.pairs(opened.asked, opened.choice, from, PAGE_ROWS);
    const rows = await this.cellsOf(opened, pairs, [first.value, second.value], patience.signal);
    return { join: join.value, refusal, done: null, count, rows, from };
  }

  private async cellsOf({ asked, key, columns }: Opened, pairs: readonly Pair[], indexes: [TableIndex, TableIndex], signal: AbortSignal) {
    const side = async (which: 'first' | 'second', index: TableIndex) => {
      const numbers = pairs.flatMap((pair) => pair[which] ?? []);
      const last = Math.max(key[which], ...columns.map((column) => column[which]));
      const rows = await this.rows.rowsAt(asked[which].table, index, numbers, { from: 0, to: last + 1 }, signal);
      return new Map(numbers.map((number, at) => [number, rows[at] ?? []]));
    };
    const [first, second] = await Promise.all([side('first', indexes[0]), side('second', indexes[1])]);
    const same = new Sameness(asked);
    return pairs.map((pair) => {
      const row = pair.first === null ? null : first.get(pair.first)!;
      const mate = pair.second === null ? null : second.get(pair.second)!;
      const cells = columns.map((column) => {
        const values = [row && (row[column.first] ?? ''), mate && (mate[column.second] ?? '')];
        return { values, differs: values[0] !== null && values[1] !== null && !same.are(values[0], values[1]) };
      });
      return { pair, key: row ? (row[key.first] ?? '') : (mate?.[key.second] ?? ''), cells };
    });
  }
}

/** As the join sees two cells. */
class Sameness {
  private readonly words: [CellWords, CellWords];

  constructor({ first, second }: AskedJoin) {
    const reader = ({ table }: AskedTable) => new CellWords({ ...table.dialect, encoding: 'utf-8' });
    this.words = [reader(first), reader(second)];
  }

  are(one: string, other: string): boolean {
    const [first, second] = this.words;
    const bytes = [Buffer.from(one), Buffer.from(other)];
    first.read(bytes[0], 0, bytes[0].length, false);
    second.read(bytes[1], 0, bytes[1].length, false);
    return first.kind === second.kind && first.low === second.low && first.high === second.high;
  }
}

function pairOf({ first, second }: CommonColumn) {
  return { first, second };
}

function sortOf(asked: string, columns: readonly CommonColumn[]): JoinSort {
  if (asked === 'changes') return asked;
  const column = columns.find(({ name }) => asked === `column:${name}`);
  return column ? pairOf(column) : null;
}
