import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NotFoundError } from '../../../common/errors';
import { text } from '../../../locales/text';
import type { LogMark } from './control-files';
import { SharedFolder, top } from './shared-folder';

const PIECE_BYTES = 256 * 1024;
const LOG_MODE = 0o640;

/**
 * Brings what a program writes to its log in the hand-off folder into the log of the attempt. Launchers empty that file when they start
 * a program, so what has changed since the run was laid down is copied from its beginning; every byte has its place, so that several
 * who copy do no harm.
 */
export class LogCopy {
  constructor(
    private readonly source: { shared: SharedFolder; name: string; before: LogMark | null },
    private readonly folder: string,
    private readonly mostBytes: number,
  ) {}

  /** Copies what is new. @returns how many bytes. */
  async catchUp(): Promise<number> {
    const opened = await this.openSource();
    if (!opened) return 0;
    try {
      if (!this.isNew(opened)) return 0;
      return await this.copy(opened.handle, opened.size);
    } finally {
      await opened.handle.close();
    }
  }

  private isNew({ size, mtimeMs }: LogMark): boolean {
    const { before } = this.source;
    return before === null || size !== before.size || mtimeMs !== before.mtimeMs;
  }

  private async copy(handle: Awaited<ReturnType<SharedFolder['openFile']>>['handle'], size: number): Promise<number> {
    const path = join(this.folder, 'log');
    const from = await sizeOf(path);
    if (from > this.mostBytes || size <= from) return 0;
    const writer = await open(path, constants.O_WRONLY | constants.O_CREAT, LOG_MODE);
    try {
      return await this.pump(handle, writer, from, size);
    } finally {
      await writer.close();
    }
  }

  private async pump(
    reader: Awaited<ReturnType<SharedFolder['openFile']>>['handle'],
    writer: Awaited<ReturnType<typeof open>>,
    from: number,
    size: number,
  ): Promise<number> {
    const buffer = Buffer.allocUnsafe(PIECE_BYTES);
    let at = from;
    for (const end = Math.min(size, this.mostBytes); at < end;) {
      const { bytesRead } = await reader.read(buffer, 0, Math.min(PIECE_BYTES, end - at), at);
      if (bytesRead === 0) break;
      await writer.write(buffer, 0, bytesRead, at);
      at += bytesRead;
    }
    if (at >= this.mostBytes && size > this.mostBytes) await writer.write(`\n${text('runner.logCut')}\n`, at);
    return at - from;
  }

  private async openSource() {
    try {
      return await this.source.shared.openFile(top(this.source.name));
    } catch (error) {
      if (error instanceof NotFoundError) return null;
      throw error;
    }
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
