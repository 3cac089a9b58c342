import { Body, Controller, Get, Post, Query, Render, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError } from '../../common/errors';
import { formatEntryName, showEntryName } from '../../common/files/entry-name';
import { CONFLICT_CHOICES } from '../../common/files/put-in-place';
import { InboxImports, type ImportOrder } from '../../common/imports/inbox-imports';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import { QueueStore } from '../../common/queue/queue-store';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { pathOfText } from '../http/entry-path';
import { describeFailure } from '../http/failure';
import { flash } from '../http/flash';
import { fieldText, showAgain } from '../http/form';
import { readSelection } from '../files/selection';
import { listAddress } from '../projects/list-state';
import { inboxAddress, InboxView, readInboxState, type InboxPage, type InboxState } from './inbox.view';

const WAYS = ['copy', 'move', 'link'] as const;

/** Files that were put into the inbox of the server: to look at, and to bring into a project. */
@Controller('projects/:project/inbox')
export class InboxController {
  constructor(
    private readonly view: InboxView,
    private readonly imports: InboxImports,
    private readonly projects: ProjectsRepository,
    private readonly queue: QueueStore,
  ) {}

  @Get()
  @Access('projectOwner')
  @Render('inbox/inbox')
  page(@CurrentProject() project: Project, @CurrentPerson() person: User, @Query() query: Record<string, unknown>): Promise<InboxPage> {
    return this.view.of(project, person, stateOf({ ...query, from: query['from'] ?? 'own' }));
  }

  /** Where it is refused, the page is shown with the reason, and with what was chosen. */
  @Post()
  @Audited('files.import')
  @Access('projectOwner')
  async bring(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const state = stateOf(form);
    const { names } = readSelection(form);
    if (names.length === 0) {
      tellAudit(request, { isNothing: true });
      flash(request, 'warn', 'browse.nothingSelected');
      return redirect(response, inboxAddress(project.id, state));
    }
    const onConflict = CONFLICT_CHOICES.find((choice) => choice === fieldText(form, 'onConflict')) ?? 'keepBoth';
    const order = { source: state.source, folder: state.list.folder, names, to: state.to, onConflict };
    try {
      await this.carryOut(project, person, order, form, request);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return this.refuse(project, person, state, order, error, response);
    }
    redirect(response, listAddress(project.id, { folder: state.to, by: 'name', descending: false, filter: '', page: 1 }));
  }

  private async carryOut(project: Project, person: User, order: ImportOrder, form: unknown, request: Request): Promise<void> {
    const how = WAYS.find((way) => way === fieldText(form, 'how')) ?? 'copy';
    if (how !== 'link') {
      await this.imports.start(project, order, how, person);
      return flash(request, 'ok', how === 'copy' ? 'inbox.copyStarted' : 'inbox.moveStarted');
    }
    const { files, skipped } = await this.imports.link(project, order, person);
    await this.projects.touch(project.id, await this.queue.nowMs());
    if (skipped > 0) flash(request, 'warn', 'inbox.linkedWithout', { skipped });
    else if (files === 1) flash(request, 'ok', 'inbox.linkedOne', { name: showEntryName(order.names[0]) });
    else flash(request, 'ok', 'inbox.linkedMany', { count: files });
  }

  private async refuse(
    project: Project,
    person: User,
    state: InboxState,
    { names, onConflict }: ImportOrder,
    error: DomainError,
    response: Response,
  ): Promise<void> {
    const page = await this.view.of(project, person, state);
    const chosen = new Set(names.map(formatEntryName));
    const rows = page.rows.map((row) => ({ ...row, isChosen: chosen.has(row.address) }));
    showAgain(response, 'inbox/inbox', { ...page, rows, onConflict }, { files: error.message }, describeFailure(error).status);
  }
}

/** @throws InvalidInputError for paths that are none. */
function stateOf(values: unknown): InboxState {
  return readInboxState(values, pathOfText((values as Record<string, unknown> | undefined)?.['to']));
}
