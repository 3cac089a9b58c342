import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { parseEntryPath, showEntryName } from '../../../common/files/entry-name';
import type { EntryPath } from '../../../common/files/entry-name';
import { InvalidInputError } from '../../../common/errors';
import type { Project } from '../../../common/projects/project.entity';
import { FileChecksums } from '../../checksums/file-checksums';
import { Access } from '../../http/access/access.decorator';
import { CurrentProject } from '../../http/access/current';
import { NotAudited } from '../../http/audit/audited.decorator';
import { pathOfSegments } from '../../http/entry-path';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { says } from '../contract/words';
import { LONGEST_PATH } from './file-schemas';

const checksumSchema = z
  .object({
    path: says(z.string(), 'apiFiles.entryPath'),
    name: says(z.string(), 'apiFiles.entryName'),
    sha256: says(z.string().nullable(), 'apiWork.checksumSha'),
    crc32: says(z.string().nullable(), 'apiWork.checksumCrc'),
    isUnderWay: says(z.boolean(), 'apiWork.checksumUnderWay'),
    failure: says(z.string(), 'apiWork.checksumFailure'),
  })
  .meta({ id: 'Checksum' });
const computeOrder = z.strictObject({ path: says(z.string().min(1).max(LONGEST_PATH), 'apiFiles.entryPath') });

type ChecksumJson = z.infer<typeof checksumSchema>;

/** Checksums of files, for programs: those that are known, and computed when somebody asks. */
@Controller(`${API_ROOT}/projects/:project`)
export class ApiChecksumsController {
  constructor(private readonly checksums: FileChecksums) {}

  @Get('checksums/*path')
  @Api({ area: 'files', summary: 'apiWork.readChecksum', scope: 'read', answer: checksumSchema })
  @Access('projectReader')
  read(@CurrentProject() project: Project, @Param('path') segments: string[]): Promise<ChecksumJson> {
    return this.of(project, pathOfSegments(segments));
  }

  /** Whoever may read the file may have it read, as on its page. */
  @Post('files/checksum')
  @Api({
    area: 'files',
    summary: 'apiWork.computeChecksum',
    scope: 'read',
    body: computeOrder,
    answer: checksumSchema,
    others: { 202: checksumSchema },
    example: { body: { path: 'slides/a.tif' } },
  })
  @NotAudited('only computes')
  @Access('projectReader')
  async compute(
    @CurrentProject() project: Project,
    @ApiBody() { path: asked }: z.infer<typeof computeOrder>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ChecksumJson> {
    const path = parseEntryPath(asked);
    if (!(await this.checksums.compute(project, path))) response.status(202);
    return this.of(project, path);
  }

  private async of(project: Project, path: EntryPath): Promise<ChecksumJson> {
    if (path.length === 0) throw new InvalidInputError('files.badPath');
    const { path: address, sha256, crc32, isUnderWay, failure } = await this.checksums.of(project, path);
    return { path: address, name: showEntryName(path.at(-1)!), sha256, crc32, isUnderWay, failure };
  }
}
