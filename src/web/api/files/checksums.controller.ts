import { Controller, Get, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { FileDigests } from '../../../common/digests/file-digests';
import { formatEntryPath, parseEntryPath, showEntryName } from '../../../common/files/entry-name';
import type { EntryPath } from '../../../common/files/entry-name';
import { InvalidInputError } from '../../../common/errors';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Project } from '../../../common/projects/project.entity';
import { crcInHex, FileChecksums } from '../../checksums/file-checksums';
import { Access } from '../../http/access/access.decorator';
import { CurrentProject } from '../../http/access/current';
import { NotAudited } from '../../http/audit/audited.decorator';
import { pathOfSegments } from '../../http/entry-path';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody, ApiQuery } from '../contract/api.decorator';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../contract/paging';
import { says } from '../contract/words';
import { position } from './entries';
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

const listQuery = pageQuery({ path: says(z.string().max(LONGEST_PATH).default(''), 'apiFiles.folderPath') });
const listSchema = pageOf(
  z.object({ path: says(z.string(), 'apiFiles.entryPath'), sha256: z.string(), crc32: z.string() }).meta({ id: 'KnownChecksum' }),
);
/** That are looked at, as on the page. */
const MOST_FILES = 200_000;

type ChecksumJson = z.infer<typeof checksumSchema>;

/** Checksums of files, for programs: those that are known, and computed when somebody asks. */
@Controller(`${API_ROOT}/projects/:project`)
export class ApiChecksumsController {
  constructor(
    private readonly checksums: FileChecksums,
    private readonly digests: FileDigests,
    private readonly files: ProjectFiles,
  ) {}

  /** Those that are known, in the order of their paths. */
  @Get('checksums')
  @Api({ area: 'files', summary: 'apiWork.listChecksums', scope: 'read', query: listQuery, answer: listSchema })
  @Access('projectReader')
  async list(@CurrentProject() project: Project, @ApiQuery() query: z.infer<typeof listQuery>): Promise<z.infer<typeof listSchema>> {
    const folder = parseEntryPath(query.path);
    const from = decodeCursor(position, query.after) ?? 0;
    const found = await this.digests.ofFolder(project.id, this.files.of(project), folder, MOST_FILES);
    const items = found.slice(from, from + query.limit).map(({ path, sha256, crc32 }) => {
      return { path: formatEntryPath([...folder, ...path]), sha256, crc32: crcInHex(crc32) };
    });
    return { items, next: from + query.limit < found.length ? encodeCursor(from + query.limit) : null };
  }

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
