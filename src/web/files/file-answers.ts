import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, InvalidInputError } from '../../common/errors';
import { formatEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import type { User } from '../../common/users/user.entity';
import { redirect } from '../http/addresses';
import { describeFailure } from '../http/failure';
import { showAgain } from '../http/form';
import { listAddress, type ListState } from '../projects/list-state';
import { pageQueryOf } from '../projects/page-query';
import { ProjectPageView } from '../projects/project-page.view';

/** Who changes what, and the request in which they do. */
export interface Change {
  project: Project;
  person: User;
  form: unknown;
  request: Request;
  response: Response;
}

/** How changes to files answer: back to the list where it was, or the list with what went wrong. */
@Injectable()
export class FileAnswers {
  constructor(
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
    private readonly pageView: ProjectPageView,
  ) {}

  /** @param at the entry that has just changed; the list marks it. */
  back({ project, response }: Change, state: ListState, more: { undo?: string; at?: Buffer } = {}): void {
    const { undo, at } = more;
    redirect(response, listAddress(project.id, state, { undo, at: at && formatEntryName(at) }));
  }

  /** As `back`, for changes that were made. */
  async done(change: Change, state: ListState, more: { undo?: string; at?: Buffer } = {}): Promise<void> {
    await this.projects.touch(change.project.id, await this.queue.nowMs());
    this.back(change, state, more);
  }

  /**
   * Does something to files; where it is refused, the list is shown with the reason, under the status of the error.
   * @throws what is no refusal, or does not even leave a list to show.
   */
  async orRefusal(change: Change, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      await this.refuse(change, error);
    }
  }

  private async refuse({ project, person, form, request, response }: Change, error: DomainError): Promise<void> {
    // A path that is none leads nowhere: it says so on a page of its own.
    if (error.key === 'files.badPath' || error.key === 'files.pathTooLong') throw error;
    const page = await this.pageView.of(project, person, pageQueryOf(request, form));
    const isField = error instanceof InvalidInputError && error.field === 'newName';
    const errors = { [isField ? 'newName' : 'files']: error.message };
    showAgain(response, 'projects/project', { ...page, ...enteredIn(form) }, errors, describeFailure(error).status);
  }
}

/** What was typed as a new name, to be shown again. */
function enteredIn(form: unknown): { newName?: string } {
  const value = (form as Record<string, unknown> | undefined)?.['newName'];
  return typeof value === 'string' ? { newName: value } : {};
}
