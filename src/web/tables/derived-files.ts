import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { ConflictError, NotFoundError } from '../../common/errors';
import { RunFolders } from '../../common/files/run-folders';
import type { OpenFile, SafeDirectory } from '../../common/files/safe-directory';

/** Of all tables of a run together. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_FILES = 400;
const MOST_LISTED = 5000;
const MOST_JSON_BYTES = 16 * 1024 * 1024;
const OURS = 'table-';

/** What was made of tables: places of rows, orders, figures. Kept among the control files of the run, up to a bound, and gone with it. */
@Injectable()
export class DerivedFiles {
  constructor(private readonly folders: RunFolders) {}

  /** @returns null when it was not made yet, or was removed to make room. The caller closes it. */
  async open(runId: number, name: string): Promise<OpenFile | null> {
    try {
      return await (await this.folders.views(runId)).openFile([Buffer.from(name)]);
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
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

  /** Makes a file that is there whole or not at all. @param stem of its table: what is made of other versions of it goes. */
  async make<Value>(runId: number, stem: string, name: string, fill: (target: FileHandle) => Promise<Value>): Promise<Value> {
    const folder = await this.folders.views(runId);
    await makeRoom(folder, stem);
    const temporary = [Buffer.from(`${stem}.${randomUUID()}.part`)];
    const target = await folder.createFile(temporary);
    try {
      const value = await fill(target).finally(() => target.close());
      await folder.move(temporary, [Buffer.from(name)]).catch((error: unknown) => {
        // Another web process was quicker.
        if (!(error instanceof ConflictError)) throw error;
      });
      return value;
    } finally {
      await folder.remove(temporary);
    }
  }

  makeJson(runId: number, stem: string, name: string, value: unknown): Promise<void> {
    return this.make(runId, stem, name, (target) => target.writeFile(JSON.stringify(value)));
  }
}

/** Removes what was made of other versions of the file, and of the rest the oldest until it is within the bounds. */
async function makeRoom(folder: SafeDirectory, stem: string): Promise<void> {
  const { entries } = await folder.list([], { limit: MOST_LISTED });
  const ours = entries.map((entry) => ({ ...entry, text: entry.name.toString() })).filter(({ text }) => text.startsWith(OURS));
  const path = stem.slice(0, stem.indexOf('.'));
  const isOther = (text: string) => text.startsWith(`${path}.`) && !text.startsWith(`${stem}.`);
  for (const { name, text } of ours) if (isOther(text)) await folder.remove([name]);
  const rest = ours.filter(({ text }) => !isOther(text)).toSorted((one, other) => other.mtimeMs - one.mtimeMs);
  let bytes = 0;
  for (const [index, { name, size }] of rest.entries()) {
    bytes += size;
    if (bytes > MOST_BYTES || index >= MOST_FILES) await folder.remove([name]);
  }
}
