import { Body, Controller, Get, Param, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { FileDigests } from '../../common/digests/file-digests';
import { formatEntryPath, parseEntryPath, showEntryName } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { text } from '../../locales/text';
import { Access } from '../http/access/access.decorator';
import { NotAudited } from '../http/audit/audited.decorator';
import { CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { pathOfSegments, pathOfText } from '../http/entry-path';
import { flash } from '../http/flash';
import { fieldText } from '../http/form';
import { address } from '../views/helpers';
import { checksumLine } from './checksum-lines';
import { FileChecksums, type ChecksumView } from './file-checksums';

interface ChecksumPage {
  title: string;
  project: { id: string; name: string };
  name: string;
  /** Address of the folder that it lies in. */
  folder: string;
  checksum: ChecksumView;
}

const MOST_FILES = 200_000;

/** Checksums of files: shown, computed, compared, and listed for `sha256sum --check`. */
@Controller('projects/:project')
export class ChecksumsController {
  constructor(
    private readonly checksums: FileChecksums,
    private readonly digests: FileDigests,
    private readonly files: ProjectFiles,
  ) {}

  @Get('checksum/*path')
  @Access('projectReader')
  @Render('checksums/file')
  async page(
    @CurrentProject() project: Project,
    @Param('path') segments: string[],
    @Query('expected') expected: unknown,
  ): Promise<ChecksumPage> {
    const path = pathOfSegments(segments);
    return {
      title: text('tasks.whatDigest', { title: showEntryName(path.at(-1)!) }),
      project: { id: project.id, name: project.name },
      name: showEntryName(path.at(-1)!),
      folder: formatEntryPath(path.slice(0, -1)),
      checksum: await this.checksums.of(project, path, expected),
    };
  }

  /** Whoever may read the file may have it read. `back` names the page that the form stands on. */
  @Post('files/checksum')
  @NotAudited('only computes')
  @Access('projectReader')
  async compute(
    @CurrentProject() project: Project,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const path = parseEntryPath(fieldText(form, 'path'));
    const page = fieldText(form, 'back') === 'view' ? 'view' : 'checksum';
    const done = await this.checksums.compute(project, path);
    if (!done) flash(request, 'ok', 'space.checksumUnderWay');
    const expected = fieldText(form, 'expected').trim();
    redirect(response, address('/projects', [project.id, page, formatEntryPath(path)], { expected }));
  }

  @Get('checksums.txt')
  @Access('projectReader')
  async list(@CurrentProject() project: Project, @Query('path') folder: unknown, @Res() response: Response): Promise<void> {
    const found = await this.digests.ofFolder(project.id, this.files.of(project), pathOfText(folder), MOST_FILES);
    response
      .type('text/plain; charset=utf-8')
      .setHeader('content-disposition', 'attachment; filename="checksums.txt"')
      .send(Buffer.concat(found.map(({ sha256, path }) => checksumLine(sha256, path))));
  }
}
