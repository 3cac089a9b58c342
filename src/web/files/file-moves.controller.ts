import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { CopyOutcome } from '../../common/copies/file-copies';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import type { Placed } from '../../common/files/put-in-place';
import type { Project } from '../../common/projects/project.entity';
import type { User } from '../../common/users/user.entity';
import { Access } from '../http/access/access.decorator';
import { Audited } from '../http/audit/audited.decorator';
import { tellAudit } from '../http/audit/deeds';
import { CurrentPerson, CurrentProject } from '../http/access/current';
import { pathOfText } from '../http/entry-path';
import { flash, type UndoForm } from '../http/flash';
import { fieldText, hasField } from '../http/form';
import { FileAnswers, type Change } from './file-answers';
import { FileMoves, MOVE_CHOICES, type MoveVerb } from './file-moves';
import { FolderPickerView } from './folder-picker.view';
import { readSelection, type Selection } from './selection';
import { undoOfMove } from './undo-forms';

/**
 * Moves and copies what is selected. A form without the field `to` is answered with a page to choose the folder, which sends the same form
 * again; so is one that meets names in use, with the question what to do about them.
 */
@Controller('projects/:project/files')
export class FileMovesController {
  constructor(
    private readonly moves: FileMoves,
    private readonly picker: FolderPickerView,
    private readonly answers: FileAnswers,
  ) {}

  @Post('move')
  @Audited('files.move')
  @Access('projectOwner')
  async move(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answer('move', { project, person, form, request, response });
  }

  @Post('copy')
  @Audited('files.copy')
  @Access('projectOwner')
  async copy(
    @CurrentProject() project: Project,
    @CurrentPerson() person: User,
    @Body() form: unknown,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.answer('copy', { project, person, form, request, response });
  }

  private async answer(verb: MoveVerb, change: Change): Promise<void> {
    const { form, request } = change;
    const selection = readSelection(form);
    if (selection.names.length === 0) {
      tellAudit(request, { isNothing: true });
      flash(request, 'warn', 'browse.nothingSelected');
      return this.answers.back(change, selection.state);
    }
    await this.answers.orRefusal(change, async () => {
      if (!hasField(form, 'to')) {
        const into = hasField(form, 'in') ? pathOfText(fieldText(form, 'in')) : selection.folder;
        return this.choose(verb, change, selection, into);
      }
      await this.put(verb, change, selection, pathOfText((form as Record<string, unknown>)['to']));
    });
  }

  private async put(verb: MoveVerb, change: Change, selection: Selection, to: EntryPath): Promise<void> {
    const { project, person, form } = change;
    const choice = MOVE_CHOICES.find((one) => one === fieldText(form, 'onConflict')) ?? null;
    const outcome = await this.moves.put(verb, { project, person, folder: selection.folder, names: selection.names, to, choice });
    if (outcome.kind === 'ask') return this.choose(verb, change, selection, to, outcome.taken);
    if (verb === 'move') return this.tellMoved(change, selection, to, outcome.kind === 'done' ? outcome.placed : []);
    await this.tellCopied(change, selection, to, outcome);
  }

  private async tellMoved(change: Change, { state, folder, names }: Selection, to: EntryPath, moved: readonly Placed[]): Promise<void> {
    this.tell(change, moved, to, { verb: 'move', undo: undoOfMove(change.project, names, folder, to, moved) });
    // What is moved back is looked at where it is now.
    const shown = hasField(change.form, 'showTarget') ? { ...state, folder: to, page: 1 } : state;
    await this.answers.done(change, shown);
  }

  private async tellCopied(change: Change, { state, folder }: Selection, to: EntryPath, outcome: CopyOutcome): Promise<void> {
    if (outcome.kind === 'started') flash(change.request, 'ok', 'browse.copyStarted');
    else this.tell(change, outcome.placed, to, { verb: 'copy', leftOut: outcome.leftOut });
    if (outcome.kind === 'done' && outcome.placed.length === 0) return this.answers.back(change, state);
    const isHere = formatEntryPath(folder) === formatEntryPath(to);
    const fresh = isHere && outcome.kind === 'done' ? outcome.placed[0]?.path.at(-1) : undefined;
    await this.answers.done(change, state, fresh ? { at: fresh } : {});
  }

  private tell({ request, project }: Change, placed: readonly Placed[], to: EntryPath, { verb, leftOut = 0, undo }: Told): void {
    const folder = to.length === 0 ? project.name : showEntryName(to.at(-1)!);
    const [first] = placed;
    if (!first) {
      tellAudit(request, { isNothing: true });
      return flash(request, 'warn', 'browse.allSkipped', { folder });
    }
    const name = showEntryName(first.path.at(-1)!);
    if (leftOut > 0) return flash(request, 'warn', 'browse.copiedWithout', { leftOut });
    const values = { name, count: placed.length, folder };
    if (placed.length === 1) return flash(request, 'ok', verb === 'move' ? 'browse.movedOne' : 'browse.copiedOne', values, undo);
    flash(request, 'ok', verb === 'move' ? 'browse.movedMany' : 'browse.copiedMany', values, undo);
  }

  private async choose(verb: MoveVerb, change: Change, selection: Selection, into: EntryPath, taken: string[] = []): Promise<void> {
    tellAudit(change.request, { isNothing: true });
    const page = await this.picker.of(change.project, verb, selection, into, taken);
    change.response.status(taken.length > 0 ? 409 : 200).render('files/pick-folder', page);
  }
}

/** What was done, for the sentence about it. */
interface Told {
  verb: MoveVerb;
  leftOut?: number;
  undo?: UndoForm;
}
