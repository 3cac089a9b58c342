import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { FileCopies } from '../../common/copies/file-copies';
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
import { FileChanges } from './file-changes';
import { FolderPickerView, type MoveVerb } from './folder-picker.view';
import { readSelection, type Selection } from './selection';
import { undoOfMove } from './undo-forms';

/** Where names are taken, this is asked. */
const CHOICES = ['keepBoth', 'skip'] as const;
type Choice = (typeof CHOICES)[number];

/**
 * Moves and copies what is selected. A form without the field `to` is answered with a page to choose the folder, which sends the same form
 * again; so is one that meets names in use, with the question what to do about them.
 */
@Controller('projects/:project/files')
export class FileMovesController {
  constructor(
    private readonly changes: FileChanges,
    private readonly copies: FileCopies,
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
    const { project } = change;
    const { folder, names } = selection;
    await this.changes.requireTarget(project, { folder, names, to }, verb);
    const onConflict = await this.onConflict(verb, change, selection, to);
    if (onConflict === null) return this.choose(verb, change, selection, to, await this.changes.taken(project, names, to));
    if (verb === 'move') await this.moveNow(change, selection, to, onConflict);
    else await this.copyNow(change, selection, to, onConflict);
  }

  /** @returns null when that has to be asked first. */
  private async onConflict(verb: MoveVerb, change: Change, { folder, names }: Selection, to: EntryPath): Promise<Choice | null> {
    const chosen = CHOICES.find((choice) => choice === fieldText(change.form, 'onConflict'));
    if (chosen) return chosen;
    // A copy beside its original is always meant as a second one.
    if (verb === 'copy' && formatEntryPath(folder) === formatEntryPath(to)) return 'keepBoth';
    return (await this.changes.taken(change.project, names, to)).length === 0 ? 'keepBoth' : null;
  }

  private async moveNow(change: Change, { state, folder, names }: Selection, to: EntryPath, onConflict: Choice): Promise<void> {
    const placed = await this.changes.move(change.project, { folder, names, to, onConflict }, change.person);
    const moved = placed.filter(({ outcome }) => outcome !== 'skipped');
    this.tell(change, moved, to, { verb: 'move', undo: undoOfMove(change.project, names, folder, to, moved) });
    // What is moved back is looked at where it is now.
    const shown = hasField(change.form, 'showTarget') ? { ...state, folder: to, page: 1 } : state;
    await this.answers.done(change, shown);
  }

  private async copyNow(change: Change, { state, folder, names }: Selection, to: EntryPath, onConflict: Choice): Promise<void> {
    const { project, person, request } = change;
    const wanted = onConflict === 'skip' ? await this.free(project, names, to) : [...names];
    if (wanted.length === 0) {
      this.tell(change, [], to, { verb: 'copy' });
      return this.answers.back(change, state);
    }
    const outcome = await this.copies.copy(project, { folder, names: wanted, to, onConflict }, person);
    if (outcome.kind === 'started') flash(request, 'ok', 'browse.copyStarted');
    else this.tell(change, outcome.placed, to, { verb: 'copy', leftOut: outcome.leftOut });
    const isHere = formatEntryPath(folder) === formatEntryPath(to);
    const fresh = isHere && outcome.kind === 'done' ? outcome.placed[0]?.path.at(-1) : undefined;
    await this.answers.done(change, state, fresh ? { at: fresh } : {});
  }

  private async free(project: Project, names: readonly Buffer[], to: EntryPath): Promise<Buffer[]> {
    const taken = new Set(await this.changes.taken(project, names, to));
    return names.filter((name) => !taken.has(showEntryName(name)));
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
