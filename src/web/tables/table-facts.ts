import { createHash } from 'node:crypto';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ConflictError } from '../../common/errors';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { TableFiles } from './table-files';
import type { Filter } from './engine/filters';
import type { Measures, SortBy, TableIndex, TableSelection, TableTask } from './engine/tasks';
import { OpenTable } from './open-table';
import { SharedWork, type Outcome, type Patience } from './shared-work';
import { TableProcesses } from './table-processes';

/** A table, and how it is opened once more for work that outlives the one who asked. */
export interface AskedTable {
  table: OpenTable;
  results: SafeDirectory;
}

/** Which rows, in which order. */
export interface Selection {
  filters: Filter[];
  sort: SortBy | null;
}

/** What is known of a table only after all of it was read: made once for each version of the file, by a process of its own. */
@Injectable()
export class TableFacts implements OnApplicationShutdown {
  private readonly work = new SharedWork();

  constructor(
    private readonly derived: TableFiles,
    private readonly processes: TableProcesses,
  ) {}

  index(asked: AskedTable, patience: Patience): Promise<Outcome<TableIndex>> {
    return this.take(asked, { kind: 'index' }, patience, namesOf(asked.table).index, namesOf(asked.table).places);
  }

  /** The rows that pass, in their order; their numbers stand in the file `namesOf(…).order`. */
  selection(asked: AskedTable, { filters, sort }: Selection, patience: Patience): Promise<Outcome<TableSelection>> {
    const task = { kind: 'select', filters, sort } as const;
    const { selection, order } = namesOf(asked.table, { filters, sort });
    return this.take(asked, task, patience, selection, order);
  }

  measures(asked: AskedTable, filters: Filter[], columns: { x: number; y: number | null }, patience: Patience): Promise<Outcome<Measures>> {
    const task = { kind: 'measure', filters, ...columns } as const;
    return this.take(asked, task, patience, `${asked.table.stem}.measures-${hashOf(task)}.json`, null);
  }

  onApplicationShutdown(): void {
    this.work.end();
  }

  /** @param file takes what the task writes beside its result; null where it writes nothing. */
  private async take<Value>(
    asked: AskedTable,
    task: TableTask,
    patience: Patience,
    name: string,
    file: string | null,
  ): Promise<Outcome<Value>> {
    const { runId } = asked.table;
    const known = await this.known<Value>(runId, name, file);
    if (known !== null) return { state: 'done', value: known };
    return this.work.join<Value>(`${runId}/${name}`, patience, (signal, progress) =>
      this.make(asked, task, { name, file, signal, progress }),
    );
  }

  private async known<Value>(runId: number, name: string, file: string | null): Promise<Value | null> {
    if (file !== null) {
      const made = await this.derived.open(runId, file);
      if (!made) return null;
      await made.handle.close();
    }
    return this.derived.json<Value>(runId, name);
  }

  /** With a handle of its own: the one who asked may have gone before it ends. */
  private async make<Value>(
    { table: { runId, path, version }, results }: AskedTable,
    task: TableTask,
    { name, file, signal, progress }: { name: string; file: string | null; signal: AbortSignal; progress: (done: number) => void },
  ): Promise<Value> {
    const table = await OpenTable.open(runId, results, path);
    try {
      if (table.version !== version) throw new ConflictError('tables.changing', { name: table.name });
      const work = { task, dialect: table.dialect, size: table.size };
      const { fd } = table.file.handle;
      const run = (handles: number[]) => this.processes.run<Value>({ work, handles, signal, progress });
      const value = file === null ? await run([fd]) : await this.derived.make(runId, table.stem, file, (target) => run([fd, target.fd]));
      await table.checkUnchanged();
      await this.derived.makeJson(runId, table.stem, name, value);
      return value;
    } finally {
      await table.close();
    }
  }
}

/** Names of derived files. */
export function namesOf({ stem }: OpenTable, selection?: Selection) {
  const hash = selection ? hashOf({ filters: selection.filters, sort: selection.sort }) : '';
  return {
    index: `${stem}.index.json`,
    places: `${stem}.places`,
    selection: `${stem}.rows-${hash}.json`,
    order: `${stem}.rows-${hash}`,
  };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 24);
}
