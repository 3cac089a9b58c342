import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError, LimitError, NotFoundError, UnavailableError } from '../../common/errors';
import { formatEntryPath, parseEntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { redirect } from '../http/addresses';
import { CsrfTokens } from '../http/csrf';
import { showAgain } from '../http/form';
import { address } from '../views/helpers';
import { FileUpload, type UploadOutcome } from './file-upload';
import { pageQueryOf } from './page-query';
import { ProjectPageView } from './project-page.view';

const MOST_REASONS = 5;

/** Receives an upload and tells what became of it: to a script as JSON, to a browser without scripts on the project's page. */
@Injectable()
export class UploadAnswer {
  constructor(
    private readonly uploads: FileUpload,
    private readonly files: ProjectFiles,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
    private readonly tokens: CsrfTokens,
    private readonly pageView: ProjectPageView,
  ) {}

  /** @param path of the folder in the project, as the query gave it. */
  async answer(project: Project, person: User, path: unknown, request: Request, response: Response): Promise<void> {
    const folder = parseEntryPath(typeof path === 'string' ? path : '');
    const entry = await this.files.of(project).stat(folder);
    if (entry.kind !== 'folder') throw new NotFoundError('files.notFound', { name: formatEntryPath(folder) });
    const header = request.headers['x-csrf-token'];
    const outcome = await this.uploads.receive(request, { project, folder, by: person }, (token) =>
      this.tokens.verify(request, header ?? token),
    );
    if (outcome.stored.length > 0) await this.projects.touch(project.id, await this.queue.nowMs());
    if (request.accepts(['html', 'json']) === 'json') return this.asJson(outcome, response);
    if (!isInVain(outcome)) return this.asRedirect(outcome, project, path, request, response);
    const sentence = outcome.refused.length > 0 ? refusals(outcome) : text('projects.chooseFiles');
    showAgain(
      response,
      'projects/project',
      await this.pageView.of(project, person, pageQueryOf(request)),
      { upload: sentence },
      statusOf(outcome),
    );
  }

  private asJson(outcome: UploadOutcome, response: Response): void {
    const { stored, refused, skipped } = outcome;
    const reasons = refused.map(({ asked, error }) => ({ asked, message: error.message, key: error.key, values: error.values }));
    response.status(isInVain(outcome) ? statusOf(outcome) : 200).json({ stored, skipped, refused: reasons });
  }

  private asRedirect(outcome: UploadOutcome, project: Project, path: unknown, request: Request, response: Response): void {
    const kind = outcome.refused.length > 0 ? 'warn' : 'ok';
    request.session.flash = { kind, text: [success(outcome), omissions(outcome), refusals(outcome)].filter(Boolean).join(' ') };
    redirect(response, address('/projects', [project.id], { path }));
  }
}

function isInVain({ stored, skipped }: UploadOutcome): boolean {
  return stored.length === 0 && skipped.length === 0;
}

/** '' when nothing was left out. */
function omissions({ skipped: [first, ...others] }: UploadOutcome): string {
  if (first === undefined) return '';
  return others.length === 0 ? text('uploads.skipped', { name: first }) : text('uploads.skippedMany', { count: others.length + 1 });
}

/** '' when nothing was stored. */
function success({ stored }: UploadOutcome): string {
  if (stored.length === 0) return '';
  const renamed = stored.filter(({ asked, name }) => asked.normalize('NFC').split('/').at(-1) !== name);
  const [first] = stored;
  if (stored.length === 1 && first) {
    if (renamed.length === 1) {
      return `${text('projects.uploadedOne', { name: first.asked })} ${text('projects.renamedOne', { ...first })}`;
    }
    return text('projects.uploadedOne', { name: first.name });
  }
  const all = text('projects.uploadedMany', { count: stored.length });
  return renamed.length === 0 ? all : `${all} ${text('projects.renamedMany', { count: renamed.length })}`;
}

/** '' when nothing was refused. */
function refusals({ refused }: UploadOutcome): string {
  if (refused.length === 0) return '';
  const reasons = refused.slice(0, MOST_REASONS).map(({ error }) => error.message);
  if (refused.length > MOST_REASONS) reasons.push(text('projects.refusedMore', { count: refused.length - MOST_REASONS }));
  return text('projects.refusedSome', { count: refused.length, reasons: reasons.join(' ') });
}

function statusOf({ refused }: UploadOutcome): number {
  const error = refused[0]?.error;
  if (error instanceof LimitError) return 413;
  if (error instanceof UnavailableError) return 507;
  return error instanceof InvalidInputError || error === undefined ? 422 : 409;
}
