import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { DerivedFiles } from '../../common/files/derived-files';
import { RunFolders } from '../../common/files/run-folders';
import type { OpenFile } from '../../common/files/safe-directory';

/** Of all tables of a run together. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_FILES = 400;
const MOST_JSON_BYTES = 16 * 1024 * 1024;
const PREFIX = 'table-';

/** What was made of tables: places of rows, orders, figures. Kept among the control files of the run, up to a bound, and gone with it. */
@Injectable()
export class TableFiles {
  constructor(
    private readonly derived: DerivedFiles,
    private readonly folders: RunFolders,
  ) {}

  /** @returns null when it was not made yet, or was removed to make room. The caller closes it. */
  async open(runId: number, name: string): Promise<OpenFile | null> {
    return this.derived.open(await this.folders.cache(runId), name);
  }

  async json<Value>(runId: number, name: string): Promise<Value | null> {
    const file = await this.open(runId, name);
    if (!file) return null;
    try {
      if (file.size > MOST_JSON_BYTES) return null;
      return JSON.parse(await file.handle.readFile('utf8')) as Value;
    } finally {
      await file.handle.close();
    }
  }

  /** @param stem of its table: what is made of other versions of it goes. */
  async make<Value>(runId: number, stem: string, name: string, fill: (target: FileHandle) => Promise<Value>): Promise<Value> {
    const cache = await this.folders.cache(runId);
    const path = stem.slice(0, stem.indexOf('.'));
    const isOutdated = (text: string) => text.startsWith(`${path}.`) && !text.startsWith(`${stem}.`);
    return this.derived.make(cache, name, fill, { prefix: PREFIX, bytes: MOST_BYTES, files: MOST_FILES, isOutdated });
  }

  makeJson(runId: number, stem: string, name: string, value: unknown): Promise<void> {
    return this.make(runId, stem, name, (target) => target.writeFile(JSON.stringify(value)));
  }
}
