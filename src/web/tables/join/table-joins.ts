import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConflictError, UnavailableError } from '../../../common/errors';

import type { ColumnPair, JoinShow, JoinSort, JoinTask, TableJoin } from '../engine/join/join-tasks';
import { NO_ROW, PAIR_WORDS } from '../engine/join/join-tasks';
import type { TableIndex } from '../engine/tasks';
import { OpenTable } from '../open-table';
import { SharedWork, type Outcome, type Patience } from '../shared-work';
import { namesOf, type AskedTable } from '../table-facts';
import { TableFiles } from '../table-files';
import { TableProcesses } from '../table-processes';

/** Two tables that are joined by a key. */
export interface AskedJoin {
  first: AskedTable;
  second: AskedTable;
  key: ColumnPair;
  columns: ColumnPair[];
}

/** Which of the pairs are wanted, and in which order. */
export interface PairChoice {
  show: JoinShow;
  sort: JoinSort;
}

/** What an export needs beside the join itself. */
export type JoinParts = { indexes: [TableIndex, TableIndex] } & Pick<Extract<JoinTask, { kind: 'joinExport' }>, 'head' | 'words'>;

/** A row of each table, from 0; null where there is none. */
export interface Pair {
  first: number | null;
  second: number | null;
  /** Columns that differ. */
  changes: number;
}

const WORD_BYTES = 4;

/** Joins of whole tables: made once for each pair of versions, by a process of its own, and kept beside the first table. */
@Injectable()
export class TableJoins implements OnApplicationShutdown {
  private readonly work = new SharedWork();

  constructor(
    private readonly derived: TableFiles,
    private readonly processes: TableProcesses,
  ) {}

  onApplicationShutdown(): void {
    this.work.end();
  }

  join(asked: AskedJoin, patience: Patience): Promise<Outcome<TableJoin>> {
    const { key, columns, second } = asked;
    const other = { dialect: second.table.dialect, size: second.table.size };
    return this.take(asked, { kind: 'join', other, key, columns }, patience, pairsName(asked));
  }

  /** The pairs that are wanted, in their order; only after the join. Null for all of them as they stand. */
  async order(asked: AskedJoin, choice: PairChoice, patience: Patience): Promise<Outcome<{ rows: number }> | null> {
    const name = orderName(asked, choice);
    if (name === null) return null;
    const other = { dialect: asked.second.table.dialect, size: asked.second.table.size };
    return this.take(asked, { kind: 'joinOrder', other, ...choice }, patience, name);
  }

  /** Some of the pairs that are wanted. @param from the first of them, from 0. */
  async pairs(asked: AskedJoin, choice: PairChoice, from: number, count: number): Promise<Pair[]> {
    const { runId } = asked.first.table;
    const order = orderName(asked, choice);
    const places = order === null ? null : wordsOf(await this.bytes(runId, order, from, count, 1));
    const found: Pair[] = [];
    const blocks: [number, number][] = places === null ? [[from, count]] : [...places].map((place) => [place, 1]);
    for (const [place, length] of blocks) {
      const words = wordsOf(await this.bytes(runId, pairsName(asked), place, length, PAIR_WORDS));
      for (let at = 0; at + PAIR_WORDS <= words.length; at += PAIR_WORDS) {
        found.push({ first: rowOf(words[at]), second: rowOf(words[at + 1]), changes: words[at + 2] });
      }
    }
    return found;
  }

  /** Hands all pairs that are wanted out as CSV; only after the join, and its order. @param take reads it to its end. */
  async export(
    asked: AskedJoin,
    choice: PairChoice,
    { indexes, head, words }: JoinParts,
    signal: AbortSignal,
    take: (csv: Readable) => Promise<void>,
  ): Promise<void> {
    const { first, second, key, columns } = asked;
    const order = orderName(asked, choice);
    const handles: FileHandle[] = [];
    try {
      for (const [run, name] of [
        [first.table.runId, pairsName(asked)],
        [first.table.runId, namesOf(first.table).places],
        [second.table.runId, namesOf(second.table).places],
        ...(order === null ? [] : [[first.table.runId, order] as const]),
      ] as const) {
        const file = await this.derived.open(run, name);
        if (!file) throw new UnavailableError('errors.unavailable');
        handles.push(file.handle);
      }
      const other = { dialect: second.table.dialect, size: second.table.size };
      const steps = { first: indexes[0].step, second: indexes[1].step };
      const task: JoinTask = { kind: 'joinExport', other, columns: [key, ...columns], head, words, steps, hasOrder: order !== null };
      const fds = [first.table.file.handle, first.table.file.handle, second.table.file.handle, ...handles].map(({ fd }) => fd);
      const work = { task, dialect: first.table.dialect, size: first.table.size };
      await this.processes.export({ work, handles: fds, signal }, take);
    } finally {
      for (const handle of handles) await handle.close();
    }
  }

  private async bytes(runId: number, name: string, from: number, count: number, words: number): Promise<Buffer> {
    const file = await this.derived.open(runId, name);
    if (!file) throw new UnavailableError('errors.unavailable');
    try {
      const unit = words * WORD_BYTES;
      const buffer = Buffer.alloc(Math.max(0, Math.min(count * unit, file.size - from * unit)));
      await file.handle.read(buffer, 0, buffer.length, from * unit);
      return buffer;
    } finally {
      await file.handle.close();
    }
  }

  private async take<Value>(asked: AskedJoin, task: JoinTask, patience: Patience, file: string): Promise<Outcome<Value>> {
    const { runId } = asked.first.table;
    const name = `${file}.json`;
    const made = await this.derived.open(runId, file);
    await made?.handle.close();
    const known = made ? await this.derived.json<Value>(runId, name) : null;
    if (known !== null) return { state: 'done', value: known };
    return this.work.join<Value>(`${runId}/${file}`, patience, (signal, progress) => this.make(asked, task, { file, signal, progress }));
  }

  /** With handles of its own: the one who asked may have gone before it ends. */
  private async make<Value>(
    { first, second, ...rest }: AskedJoin,
    task: JoinTask,
    { file, signal, progress }: { file: string; signal: AbortSignal; progress: (done: number) => void },
  ): Promise<Value> {
    const opened: OpenTable[] = [];
    try {
      for (const asked of [first, second]) opened.push(await openAgain(asked));
      const [one, other] = opened;
      const { runId, stem } = one;
      const pairs = task.kind === 'joinOrder' ? await this.derived.open(runId, pairsName({ first, second, ...rest })) : null;
      if (task.kind === 'joinOrder' && !pairs) throw new UnavailableError('errors.unavailable');
      const work = { task, dialect: one.dialect, size: one.size };
      const value = await this.derived
        .make(runId, stem, file, (target) => {
          const handles = [one.file.handle, target, other.file.handle, ...(pairs ? [pairs.handle] : [])].map(({ fd }) => fd);
          return this.processes.run<Value>({ work, handles, signal, progress });
        })
        .finally(() => pairs?.handle.close());
      for (const table of opened) await table.checkUnchanged();
      await this.derived.makeJson(runId, stem, `${file}.json`, value);
      return value;
    } finally {
      for (const table of opened) await table.close();
    }
  }
}

async function openAgain({ table, results }: AskedTable): Promise<OpenTable> {
  const again = await OpenTable.open(table.runId, results, table.path);
  if (again.version === table.version) return again;
  await again.close();
  throw new ConflictError('tables.changing', { name: table.name });
}

/** Of the file with all pairs. */
function pairsName({ first, second, key, columns }: AskedJoin): string {
  return `${first.table.stem}.join-${hashOf([second.table.runId, second.table.stem, key, columns])}`;
}

function orderName(asked: AskedJoin, { show, sort }: PairChoice): string | null {
  return show === 'all' && sort === null ? null : `${pairsName(asked)}-${hashOf([show, sort])}`;
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}

function wordsOf(bytes: Buffer): Uint32Array {
  const words = new Uint32Array(bytes.length / WORD_BYTES);
  for (let index = 0; index < words.length; index += 1) words[index] = bytes.readUInt32LE(index * WORD_BYTES);
  return words;
}

function rowOf(word: number): number | null {
  return word === NO_ROW ? null : word;
}
