import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { ConflictError } from '../../common/errors';
import { parseEntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { checksumLine } from '../checksums/checksum-lines';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { contentDisposition } from './file-response';
import { RunOutputs } from './run-outputs';

/** The checksums of what a run has left, as `sha256sum --check` reads them in the folder of its results. */
@Controller('runs/:run/checksums')
export class RunChecksumsController {
  constructor(private readonly outputs: RunOutputs) {}

  @Get()
  @Access('runViewer')
  async list(@CurrentRun() run: Run, @Res() response: Response): Promise<void> {
    const record = await this.outputs.record(run);
    if (!record) throw new ConflictError('show.noChecksumsYet');
    const lines = record.files.flatMap(({ path, sha256 }) => (sha256 === null ? [] : [checksumLine(sha256, parseEntryPath(path))]));
    const missing = record.files.length - lines.length;
    const notes = [
      ...(missing > 0 ? [text('show.checksumsMissing', { count: missing })] : []),
      ...(record.complete ? [] : [text('show.checksumsCut', { count: record.files.length })]),
    ];
    response
      .set({
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Disposition': contentDisposition('attachment', `run-${run.id}.sha256`),
        'X-Content-Type-Options': 'nosniff',
        'Cache-Control': 'private, no-cache',
      })
      // A line that begins so is none for `sha256sum`.
      .send(Buffer.concat([...notes.map((note) => Buffer.from(`# ${note}\n`)), ...lines]));
  }
}
