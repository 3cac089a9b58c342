import { AsyncLocalStorage } from 'node:async_hooks';
import type { Request } from 'express';
import { formatEntryPath } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import type { Finished } from '../../common/uploads/upload-finish';
import type { User } from '../../common/users/user.entity';

/** What belongs to one request of the upload protocol; tus hands its store ids only. */
export interface UploadContext {
  request: Request;
  project: Project;
  person: User;
  /** Of the address; absent when one is to be created. */
  uploadId: string | undefined;
  /** Made by this request. */
  createdId?: string;
  /** What became of the upload, once it is over. */
  finished?: Finished;
  /** What our own code threw; tus would tell it in its words. */
  failure?: Error;
}

const contexts = new AsyncLocalStorage<UploadContext>();

export function inUploadContext<Result>(context: UploadContext, work: () => Promise<Result>): Promise<Result> {
  return contexts.run(context, work);
}

export function uploadContext(): UploadContext {
  const context = contexts.getStore();
  if (!context) throw new Error('This is called outside of a request of the upload protocol.');
  return context;
}

/** What a client learns when its upload is over: what became of it, and the address of where it lies. */
export function outcomeHeaders({ outcome, path }: Finished): Record<string, string> {
  return { 'Upload-Outcome': outcome, 'Upload-Stored-As': encodeURIComponent(formatEntryPath(path)) };
}
