import { Controller, Delete, Get, Head, Options, Param, Patch, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Project } from '../../../common/projects/project.entity';
import type { User } from '../../../common/users/user.entity';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited, NotAudited } from '../../http/audit/audited.decorator';
import { TusUploads } from '../../uploads/tus-uploads';
import { UnfinishedUploads } from '../../uploads/unfinished-uploads';
import { API_ROOT, type ApiContent, type ApiRoute } from '../contract/api-route';
import { Api } from '../contract/api.decorator';
import { says } from '../contract/words';

const unfinishedSchema = z
  .object({
    id: z.string(),
    path: says(z.string(), 'apiFiles.entryPath'),
    size: z.number(),
    received: says(z.number(), 'apiFiles.uploadReceived'),
    modifiedMs: says(z.number().nullable(), 'apiFiles.uploadModified'),
    createdAt: z.iso.datetime(),
    isActive: says(z.boolean(), 'apiFiles.uploadActive'),
  })
  .meta({ id: 'UnfinishedUpload' });
const unfinishedListSchema = z.object({
  items: z.array(unfinishedSchema),
  next: says(z.string().nullable(), 'api.fieldNext'),
  more: says(z.number(), 'apiFiles.uploadsMore'),
});

const EMPTY: ApiContent = { type: 'text/plain', says: 'apiFiles.uploadAnswer' };
const TUS: Pick<ApiRoute, 'area' | 'scope' | 'answer' | 'headers' | 'answerHeaders'> = {
  area: 'files',
  scope: 'files',
  answer: EMPTY,
  headers: { 'Tus-Resumable': 'apiFiles.tusResumable' },
  answerHeaders: { 'Tus-Resumable': 'apiFiles.tusResumable' },
};

/** Resumable uploads by the tus protocol: the same store, locks and checks as those of the pages. */
@Controller(`${API_ROOT}/projects/:project/uploads`)
export class ApiUploadsController {
  constructor(
    private readonly tus: TusUploads,
    private readonly unfinished: UnfinishedUploads,
  ) {}

  @Get()
  @Api({ area: 'files', summary: 'apiFiles.listUploads', scope: 'read', answer: unfinishedListSchema })
  @Access('projectRunner')
  async list(@CurrentProject() project: Project, @CurrentPerson() person: User): Promise<z.infer<typeof unfinishedListSchema>> {
    const { uploads, more } = await this.unfinished.all(project, person);
    const items = uploads.map(({ id, path, size, received, modifiedMs, createdMs, isActive }) => {
      return { id, path, size, received, modifiedMs, createdAt: new Date(createdMs).toISOString(), isActive };
    });
    return { items, next: null, more };
  }

  @Options()
  @Api({ ...TUS, summary: 'apiFiles.uploadOptions', status: 204, others: { 200: EMPTY } })
  @Access('projectRunner')
  options(@CurrentProject() project: Project, @CurrentPerson() person: User, @Req() request: Request, @Res() response: Response) {
    return this.tus.answer(request, response, { project, person });
  }

  @Post()
  @Api({
    ...TUS,
    summary: 'apiFiles.beginUpload',
    status: 201,
    others: { 200: EMPTY },
    headers: { ...TUS.headers, 'Upload-Length': 'apiFiles.uploadLength', 'Upload-Metadata': 'apiFiles.uploadMetadata' },
    answerHeaders: { ...TUS.answerHeaders, Location: 'apiFiles.uploadLocation' },
  })
  @Audited('files.upload')
  @Access('projectRunner')
  create(@CurrentProject() project: Project, @CurrentPerson() person: User, @Req() request: Request, @Res() response: Response) {
    return this.tus.answer(request, response, { project, person });
  }

  @Head(':upload')
  @Api({ ...TUS, summary: 'apiFiles.lookAtUpload', answerHeaders: { ...TUS.answerHeaders, 'Upload-Offset': 'apiFiles.uploadOffset' } })
  @Access('projectRunner')
  look(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ) {
    return this.tus.answer(request, response, { project, person, uploadId });
  }

  @Patch(':upload')
  @Api({
    ...TUS,
    summary: 'apiFiles.sendUpload',
    status: 204,
    others: { 200: EMPTY },
    headers: { ...TUS.headers, 'Upload-Offset': 'apiFiles.uploadOffset', 'Content-Type': 'apiFiles.uploadType' },
    answerHeaders: {
      ...TUS.answerHeaders,
      'Upload-Offset': 'apiFiles.uploadOffset',
      'Upload-Outcome': 'apiFiles.uploadOutcome',
      'Upload-Stored-As': 'apiFiles.uploadStoredAs',
    },
  })
  @NotAudited('a piece of an upload, which has its entry since it began')
  @Access('projectRunner')
  append(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ) {
    return this.tus.answer(request, response, { project, person, uploadId });
  }

  @Delete(':upload')
  @Api({ ...TUS, summary: 'apiFiles.endUpload', status: 204, others: { 200: EMPTY } })
  @Audited('files.discard-upload')
  @Access('projectRunner')
  end(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Param('upload') uploadId: string,
    @Req() request: Request,
    @Res() response: Response,
  ) {
    return this.tus.answer(request, response, { project, person, uploadId });
  }
}
