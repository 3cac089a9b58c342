import { randomUUID } from 'node:crypto';
import { HttpException, Injectable } from '@nestjs/common';
import { Server, type Upload as TusUpload } from '@tus/server';
import type { Request, Response } from 'express';
import { ConflictError, ForbiddenError, NotFoundError } from '../../common/errors';
import { AppConfig } from '../../common/config/app-config';
import { parseEntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { nameOf } from '../../common/uploads/upload-finish';
import type { Upload, UploadOutcome } from '../../common/uploads/upload.entity';
import { UploadsRepository } from '../../common/uploads/uploads.repository';
import type { User } from '../../common/users/user.entity';
import { inUploadContext, outcomeHeaders, uploadContext, type UploadContext } from './upload-context';
import { UploadCreation } from './upload-creation';
import { UploadLocks } from './upload-locks';
import { readUploadMetadata } from './upload-metadata';
import { UploadStore } from './upload-store';
import { sendWebResponse, toWebRequest } from './web-request';
import { Policy } from '../http/access/policy';
import { isUuid } from '../http/ids';
import { API_PATH, isForPrograms } from '../http/tokens/api-path';

/** Says that the wanted upload is over already: the answer to an earlier request was lost. */
class RepeatedUpload extends Error {
  constructor(readonly upload: Upload) {
    super('This upload was asked for before.');
  }
}

/** Carries out requests of the tus protocol (https://tus.io/protocols/resumable-upload) on uploads of one project. */
@Injectable()
export class TusUploads {
  private readonly server: Server;

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly creation: UploadCreation,
    private readonly store: UploadStore,
    private readonly config: AppConfig,
    private readonly locks: UploadLocks,
    private readonly policy: Policy,
  ) {
    this.server = new Server({
      path: '/uploads',
      datastore: store,
      locker: locks,
      lockDrainTimeout: 1,
      maxSize: config.settings.MAX_UPLOAD,
      allowedOrigins: () => false,
      disableTerminationForFinishedUploads: true,
      namingFunction: () => randomUUID(),
      getFileIdFromRequest: () => uploadContext().uploadId,
      generateUrl: (_request, { id }) => this.addressOf(uploadContext(), id),
      onUploadCreate: (_request, upload) => this.begin(upload),
      onResponseError: (_request, error) => this.note(error),
    });
  }

  /**
   * Answers one request, on what comes of it.
   * @param uploadId of the address, unchecked; undefined: a new one.
   * @throws NotFoundError for an upload of another project; what else our own code throws.
   */
  async answer(request: Request, response: Response, of: { project: Project; person: User; uploadId?: string }): Promise<void> {
    const { uploadId } = of;
    const upload = uploadId === undefined ? null : await this.require(of, uploadId);
    if (upload && request.method === 'DELETE' && upload.storedAs !== null) {
      throw new ConflictError('uploads.alreadyStored', { name: nameOf(upload) });
    }
    if (upload && request.method === 'PATCH') await this.creation.prolong(upload);
    const context: UploadContext = { ...of, request, uploadId };
    try {
      const answer = await inUploadContext(context, () => this.server.handleWeb(toWebRequest(request, response)));
      if (context.failure) throw context.failure;
      // Programs read problem documents.
      if (answer.status >= 400 && isForPrograms(request)) throw new HttpException(await answer.text(), answer.status);
      if (answer.status >= 400 || (response.destroyed && !context.finished)) await this.forgetCreated(context);
      else response.set(this.headersOf(context));
      await sendWebResponse(answer, response);
    } catch (error) {
      if (error instanceof RepeatedUpload) return this.answerRepeated(context, response, error.upload);
      await this.forgetCreated(context);
      throw error;
    }
  }

  private headersOf({ finished }: UploadContext): Record<string, string> {
    if (finished) return outcomeHeaders(finished);
    return { 'Upload-Expires': new Date(Date.now() + this.config.settings.UPLOAD_LIFE * 1000).toUTCString() };
  }

  /** Its address was never told, so nobody can go on with it. */
  private async forgetCreated({ createdId }: UploadContext): Promise<void> {
    if (createdId !== undefined) await this.store.remove(createdId);
  }

  /**
   * Gives an unfinished upload up.
   * @returns its name, for people.
   * @throws NotFoundError; ConflictError when it has arrived; LockedError while somebody sends it.
   */
  async discard(project: Project, person: User, uploadId: string): Promise<string> {
    const upload = await this.require({ project, person }, uploadId);
    const name = nameOf(upload);
    await this.locks.whileHeld(upload.id, async () => {
      const now = await this.require({ project, person }, uploadId);
      if (now.storedAs !== null) throw new ConflictError('uploads.alreadyStored', { name });
      await this.store.remove(upload.id);
    });
    return name;
  }

  /** In a project of somebody else people have their own ones alone. */
  private async require({ project, person }: { project: Project; person: User }, uploadId: string): Promise<Upload> {
    const upload = isUuid(uploadId) ? await this.uploads.find(project.id, uploadId) : null;
    if (!upload || !this.isTheirs(upload, project, person)) throw new NotFoundError('errors.notFound');
    return upload;
  }

  private isTheirs({ askerId }: Upload, project: Project, person: User): boolean {
    return askerId === person.id || this.policy.allows('projectOwner', { person, project });
  }

  /** Below the address at which it was asked for. */
  private addressOf({ request, project }: UploadContext, id: string): string {
    return `${this.config.basePath}${isForPrograms(request) ? API_PATH : ''}/projects/${project.id}/uploads/${id}`;
  }

  private async begin(upload: TusUpload): Promise<object> {
    const context = uploadContext();
    const { project, person } = context;
    const metadata = readUploadMetadata(upload.metadata ?? {});
    if (metadata.onConflict === 'replace' && !this.policy.allows('projectOwner', { person, project }))
      throw new ForbiddenError('members.noReplace');
    const repeated = await this.creation.findRepeated(project, person, metadata);
    if (repeated) throw new RepeatedUpload(repeated);
    await this.creation.create({ id: upload.id, project, person, metadata, size: upload.size ?? Number.NaN });
    context.createdId = upload.id;
    return {};
  }

  private answerRepeated(context: UploadContext, response: Response, { id, size, state, storedAs }: Upload): void {
    const outcome = outcomeHeaders({ outcome: state as UploadOutcome, path: parseEntryPath(storedAs ?? '') });
    const location = this.addressOf(context, id);
    response.status(201).set({ 'Tus-Resumable': '1.0.0', Location: location, 'Upload-Offset': String(size), ...outcome });
    response.end();
  }

  /** tus's own refusals, which have a status, are answered by it; errors are ours. */
  private note(error: Error | { status_code: number; body: string }): undefined {
    if (error instanceof Error && !('status_code' in error)) uploadContext().failure = error;
    return undefined;
  }
}
