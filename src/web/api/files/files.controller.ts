import { Controller, Get, Param, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentProject } from '../../http/access/current';
import { pathOfSegments } from '../../http/entry-path';
import { FileContent } from '../../projects/file-content';
import { sendFile } from '../../show/file-response';
import { fileTypeOf } from '../../show/file-type';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiQuery } from '../contract/api.decorator';
import { Entries } from './entries';
import { filesQuery, filesSchema } from './file-schemas';

const BYTES = 'application/octet-stream';

/** Folders and files of a project. */
@Controller(`${API_ROOT}/projects/:project`)
export class ApiFilesController {
  constructor(
    private readonly entries: Entries,
    private readonly content: FileContent,
  ) {}

  @Get('files')
  @Api({ area: 'files', summary: 'apiFiles.listFiles', scope: 'read', query: filesQuery, answer: filesSchema })
  @Access('projectReader')
  list(@CurrentProject() project: Project, @ApiQuery() query: z.infer<typeof filesQuery>): Promise<z.infer<typeof filesSchema>> {
    return this.entries.list(project, query);
  }

  @Get('content/*path')
  @Api({
    area: 'files',
    summary: 'apiFiles.readFile',
    scope: 'read',
    headers: { Range: 'api.range', 'If-None-Match': 'api.ifNoneMatch' },
    answer: { type: BYTES, says: 'api.contentAnswer' },
    others: {
      206: { type: BYTES, says: 'api.contentPart' },
      304: { type: BYTES, says: 'api.contentSame' },
      412: { type: BYTES, says: 'api.contentOther' },
      416: { type: BYTES, says: 'api.contentBeyond' },
    },
    answerHeaders: { ETag: 'api.etag', 'Accept-Ranges': 'api.acceptRanges' },
  })
  @Access('projectReader')
  async read(@CurrentProject() project: Project, @Param('path') segments: string[], @Res() response: Response): Promise<void> {
    const { file, name } = await this.content.open(project, pathOfSegments(segments));
    const { inline, picture } = fileTypeOf(name);
    await sendFile(response, { file, name, contentType: inline ?? picture ?? null, inline: false });
  }
}
