import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../common/errors';
import { formatEntryName, showEntryName } from '../../common/files/entry-name';
import type { Project } from '../../common/projects/project.entity';
import { Trash } from '../../common/trash/trash';
import type { User } from '../../common/users/user.entity';
import { text } from '../../locales/text';
import { Access, ChangesNothing } from '../http/access/access.decorator';
import { Audited, NotAudited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { redirect } from '../http/addresses';
import { cookieOptions, COOKIES } from '../http/cookies';
import { flash } from '../http/flash';
import { asFormErrors, fieldText, hasField, showAgain } from '../http/form';
import { listAddress, listQuery, readListState } from '../projects/list-state';
import { FileAnswers, type Change } from './file-answers';
import { FileChanges } from './file-changes';
import { readSelection, type Selection } from './selection';
import { isUuid } from '../http/ids';
import { undoOfRename } from './undo-forms';

const YEAR_MS = 365 * 86_400_000;

/** New folders, new names, deleting and bringing back. */
@Controller('projects/:project/files')
export class FileChangesController {
  constructor(
    private readonly changes: FileChanges,
    private readonly trash: Trash,
    private readonly answers: FileAnswers,
  ) {}

  @Post('folder')
  @Audited('files.make-folder')
  @Access('projectRunner')
  async makeFolder(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const change = { project, person, form, request, response };
    const state = readListState(form);
    await this.answers.orRefusal(change, async () => {
      const fresh = await this.changes.makeFolder(project, state.folder, fieldText(form, 'newName'));
      flash(request, 'ok', 'browse.folderMade', { name: showEntryName(fresh) });
      await this.answers.done(change, { ...state, filter: '' }, { at: fresh });
    });
  }

  /** Without a new name it shows the form that asks for one. */
  @Post('rename')
  @Audited('files.rename')
  @Access('projectOwner')
  async rename(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const change = { project, person, form, request, response };
    const selection = readSelection(form);
    if (selection.names.length !== 1) return this.chooseFirst(change, selection);
    if (!hasField(form, 'newName')) {
      tellAudit(request, { isNothing: true });
      return response.status(200).render('files/rename', renamePage(project, selection));
    }
    await this.answers.orRefusal(change, () => this.renameTo(change, selection));
  }

  @Post('delete')
  @Audited('files.delete')
  @Access('projectOwner')
  async delete(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const change = { project, person, form, request, response };
    const selection = readSelection(form);
    const { state, folder, names } = selection;
    if (names.length === 0) return this.chooseFirst(change, selection);
    await this.answers.orRefusal(change, async () => {
      const { id, entries, names: gone } = await this.trash.delete(project, folder, names, person);
      if (entries === 1) flash(request, 'ok', 'projects.deletedOne', { name: gone[0] ?? '' });
      else flash(request, 'ok', 'projects.deletedMany', { count: entries });
      await this.answers.done(change, state, { undo: id });
    });
  }

  @Post('restore')
  @Audited('files.restore')
  @Access('projectOwner')
  async restore(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const change = { project, person, form, request, response };
    const id = fieldText(form, 'undo');
    if (!isUuid(id)) throw new InvalidInputError('files.badPath');
    const state = readListState(form);
    await this.answers.orRefusal(change, async () => {
      const { folder, names } = await this.trash.restore(project, id);
      if (names.length === 1) flash(request, 'ok', 'projects.restoredOne', { name: names[0] ?? '' });
      else flash(request, 'ok', 'projects.restoredMany', { count: names.length });
      await this.answers.done(change, { ...state, folder });
    });
  }

  /** A table or pictures: kept in the browser, drawn by the server. */
  @Post('layout')
  @NotAudited('a cookie of the browser')
  @ChangesNothing()
  @Access('projectReader')
  layout(@CurrentProject() project: Project, @Body() form: unknown, @Res() response: Response): void {
    const isGrid = fieldText(form, 'layout') === 'grid';
    if (isGrid) response.cookie(COOKIES.layout, 'grid', { ...cookieOptions(response), maxAge: YEAR_MS });
    else response.clearCookie(COOKIES.layout, cookieOptions(response));
    redirect(response, listAddress(project.id, readListState(form)));
  }

  private async renameTo(change: Change, selection: Selection): Promise<void> {
    const { project, form, request, response } = change;
    const { state, folder, names } = selection;
    const newName = fieldText(form, 'newName');
    try {
      const fresh = await this.changes.rename(project, folder, names[0], newName);
      const values = { from: showEntryName(names[0]), to: showEntryName(fresh) };
      if (!fresh.equals(names[0])) flash(request, 'ok', 'browse.renamed', values, undoOfRename(project, state, names[0], fresh));
      await this.answers.done(change, state, { at: fresh });
    } catch (error) {
      if (!(error instanceof InvalidInputError) || error.field !== 'newName') throw error;
      showAgain(response, 'files/rename', { ...renamePage(project, selection), newName }, asFormErrors(error));
    }
  }

  private chooseFirst(change: Change, { state, names }: Selection): void {
    tellAudit(change.request, { isNothing: true });
    flash(change.request, 'warn', names.length > 1 ? 'browse.chooseOne' : 'browse.nothingSelected');
    this.answers.back(change, state);
  }
}

function renamePage(project: Project, { state, names }: Selection) {
  const name = showEntryName(names[0]);
  return {
    title: text('browse.renameTitle', { name }),
    project: { id: project.id, name: project.name },
    name,
    address: formatEntryName(names[0]),
    newName: name,
    state: listQuery(state),
    backHref: listAddress(project.id, state),
  };
}
