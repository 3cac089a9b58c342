import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import type { Response } from 'express';
import { UnavailableError } from '../../common/errors';
import type { EntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { RunResults } from '../show/run-results';
import { TableFiles } from './table-files';
import { OpenTable } from './open-table';
import { sendCsv } from './send-csv';
import { valueOf } from './shared-work';
import { namesOf, TableFacts, type AskedTable } from './table-facts';
import { TableProcesses } from './table-processes';
import type { TableAsk } from './table-query';

/** An order that takes longer has to be looked at first. */
const ORDER_WAIT_MS = 5 * 60_000;

/** Hands out the rows of a selection as CSV, as they are read: nothing of them is kept. */
@Injectable()
export class TableExport {
  constructor(
    private readonly results: RunResults,
    private readonly derived: TableFiles,
    private readonly facts: TableFacts,
    private readonly processes: TableProcesses,
  ) {}

  async send(run: Run, path: EntryPath, { filters, sort }: Pick<TableAsk, 'filters' | 'sort'>, response: Response, signal: AbortSignal) {
    const results = await this.results.of(run);
    const table = await OpenTable.open(run.id, results, path);
    const handles: FileHandle[] = [table.file.handle];
    try {
      let step: number | null = null;
      if (sort) {
        const selection = { filters, sort };
        step = await this.order({ table, results }, selection, signal);
        const { order, places } = namesOf(table, selection);
        for (const name of [order, places]) handles.push(await this.open(run.id, name));
      }
      const work = { task: { kind: 'export' as const, filters, step }, dialect: table.dialect, size: table.size };
      const fileName = `${table.name.replace(/\.[^.]*$/, '')}-selection.csv`;
      const job = { work, handles: handles.map(({ fd }) => fd), signal };
      await sendCsv(response, signal, fileName, (take) => this.processes.export(job, take));
    } finally {
      for (const handle of handles) await handle.close();
    }
  }

  private async order(
    asked: AskedTable,
    selection: { filters: TableAsk['filters']; sort: NonNullable<TableAsk['sort']> },
    signal: AbortSignal,
  ) {
    const patience = { waitMs: ORDER_WAIT_MS, signal };
    const [index] = await Promise.all([
      this.facts.index(asked, patience).then(valueOf),
      this.facts.selection(asked, selection, patience).then(valueOf),
    ]);
    return index.step;
  }

  private async open(runId: number, name: string): Promise<FileHandle> {
    const file = await this.derived.open(runId, name);
    if (!file) throw new UnavailableError('errors.unavailable');
    return file.handle;
  }
}
