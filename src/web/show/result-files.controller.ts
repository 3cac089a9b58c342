import { Controller, Get, Param, Query, Res, UseInterceptors } from '@nestjs/common';
import type { Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { parseEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { CurrentRun } from '../http/access/current';
import { noPreviewImage } from '../images/no-preview-image';
import { GoneResults } from './gone-results';
import { sendFile } from './file-response';
import { fileTypeOf } from './file-type';
import { ImageViews } from './image-views';
import { RunResults } from './run-results';

/** The files that a run has left behind, and pictures of those that browsers cannot show. */
@Controller('runs/:run')
@UseInterceptors(GoneResults)
export class ResultFilesController {
  constructor(
    private readonly results: RunResults,
    private readonly views: ImageViews,
  ) {}

  /** The file as it is; `?download` hands it out even where a browser could show it. */
  @Get('files/*path')
  @Access('runViewer')
  async file(
    @CurrentRun() run: Run,
    @Param('path') segments: string[],
    @Query('download') download: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const path = readPath(segments);
    const name = showEntryName(path.at(-1)!);
    const file = await (await this.results.of(run)).openFile(path);
    const { inline, picture } = fileTypeOf(name);
    await sendFile(response, { file, name, contentType: inline ?? picture ?? null, inline: inline !== null && download === undefined });
  }

  /** A picture of an image file that every browser shows, at most 2000 pixels wide; `?labels` colours the numbers of objects. */
  @Get('views/*path')
  @Access('runViewer')
  async view(
    @CurrentRun() run: Run,
    @Param('path') segments: string[],
    @Query('labels') labels: unknown,
    @Res() response: Response,
  ): Promise<void> {
    const path = readPath(segments);
    const name = showEntryName(path.at(-1)!);
    const { kind } = fileTypeOf(name);
    const isPicture = kind === 'image' || kind === 'scan';
    const view = isPicture ? await this.views.view(run.id, await this.results.of(run), path, labels !== undefined) : null;
    if (view) await sendFile(response, { file: view.file, name: `${name}.png`, contentType: view.contentType, inline: true });
    else
      response
        .set('Cache-Control', 'private, no-cache')
        .type('image/svg+xml')
        .send(noPreviewImage(text('show.noPreview')));
  }
}

/** @param segments of the address, decoded, as the router splits them. */
function readPath(segments: string[]): EntryPath {
  const path = parseEntryPath(segments.join('/'));
  if (path.length === 0) throw new InvalidInputError('files.badPath');
  return path;
}
