import { Controller, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import type { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../common/errors';
import { formatEntryPath, parseEntryPath } from '../../../common/files/entry-name';
import type { Project } from '../../../common/projects/project.entity';
import { Trash } from '../../../common/trash/trash';
import type { User } from '../../../common/users/user.entity';
import { listed } from '../../../locales/joined';
import { FileChanges } from '../../files/file-changes';
import { FileMoves, type MoveVerb } from '../../files/file-moves';
import { Access } from '../../http/access/access.decorator';
import { CurrentPerson, CurrentProject } from '../../http/access/current';
import { Audited } from '../../http/audit/audited.decorator';
import { isUuid } from '../../http/ids';
import { UploadFolders } from '../../uploads/upload-folders';
import { API_ROOT } from '../contract/api-route';
import { Api, ApiBody } from '../contract/api.decorator';
import { Entries, together } from './entries';
import {
  copyStartedSchema,
  deletedSchema,
  deleteOrder,
  entrySchema,
  folderOrder,
  moveOrder,
  placedSchema,
  renameOrder,
  restoredSchema,
  restoreOrder,
  type EntryJson,
} from './file-schemas';
import { ProjectTouch } from './project-touch';

type Placed = z.infer<typeof placedSchema>;

/** Changes to the files of a project: as the pages make them, with the same checks. */
@Controller(`${API_ROOT}/projects/:project`)
export class ApiFileChangesController {
  constructor(
    private readonly changes: FileChanges,
    private readonly moves: FileMoves,
    private readonly folders: UploadFolders,
    private readonly trash: Trash,
    private readonly entries: Entries,
    private readonly touch: ProjectTouch,
  ) {}

  /** Folders above it are made as well, and one that is there stays. */
  @Post('folders')
  @Api({
    area: 'files',
    summary: 'apiFiles.makeFolder',
    scope: 'files',
    body: folderOrder,
    answer: entrySchema,
    status: 201,
    example: { body: { path: 'slides/2026' } },
  })
  @Audited('files.make-folder')
  @Access('projectRunner')
  async makeFolder(@CurrentProject() project: Project, @ApiBody() { path }: z.infer<typeof folderOrder>): Promise<EntryJson> {
    await this.folders.make(project, '', [path]);
    await this.touch.now(project);
    return this.entries.look(project, parseEntryPath(path.normalize('NFC')));
  }

  @Post('files/delete')
  @Api({
    area: 'files',
    summary: 'apiFiles.deleteFiles',
    scope: 'files',
    body: deleteOrder,
    answer: deletedSchema,
    example: { body: { paths: ['slides/old.tif'] } },
  })
  @Audited('files.delete')
  @Access('projectOwner')
  async delete(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() { paths }: z.infer<typeof deleteOrder>,
  ): Promise<z.infer<typeof deletedSchema>> {
    const { folder, names } = together(paths);
    const { id, entries } = await this.trash.delete(project, folder, names, person);
    await this.touch.now(project);
    return { deletion: id, count: entries };
  }

  @Post('files/restore')
  @Api({
    area: 'files',
    summary: 'apiFiles.restoreFiles',
    scope: 'files',
    body: restoreOrder,
    answer: restoredSchema,
    example: { body: { deletion: '7b0c6a2e-6a0f-4d0b-9f38-0f7a4a8f4c11' } },
  })
  @Audited('files.restore')
  @Access('projectOwner')
  async restore(
    @CurrentProject() project: Project,
    @ApiBody() { deletion }: z.infer<typeof restoreOrder>,
  ): Promise<z.infer<typeof restoredSchema>> {
    if (!isUuid(deletion)) throw new NotFoundError('errors.notFound');
    const { folder, names } = await this.trash.restore(project, deletion);
    await this.touch.now(project);
    return { folder: formatEntryPath(folder), names };
  }

  @Post('files/rename')
  @Api({
    area: 'files',
    summary: 'apiFiles.renameFile',
    scope: 'files',
    body: renameOrder,
    answer: entrySchema,
    example: { body: { path: 'slides/a.tif', newName: 'b.tif' } },
  })
  @Audited('files.rename')
  @Access('projectOwner')
  async rename(@CurrentProject() project: Project, @ApiBody() { path, newName }: z.infer<typeof renameOrder>): Promise<EntryJson> {
    const { folder, names } = together([path]);
    const fresh = await this.changes.rename(project, folder, names[0], newName);
    await this.touch.now(project);
    return this.entries.look(project, [...folder, fresh]);
  }

  @Post('files/move')
  @Api({
    area: 'files',
    summary: 'apiFiles.moveFiles',
    scope: 'files',
    body: moveOrder,
    answer: placedSchema,
    example: { body: { paths: ['a.tif', 'b.tif'], to: 'slides' } },
  })
  @Audited('files.move')
  @Access('projectOwner')
  async move(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() order: z.infer<typeof moveOrder>,
  ): Promise<Placed> {
    return (await this.put('move', person, project, order)) as Placed;
  }

  @Post('files/copy')
  @Api({
    area: 'files',
    summary: 'apiFiles.copyFiles',
    scope: 'files',
    body: moveOrder,
    answer: placedSchema,
    others: { 202: copyStartedSchema },
    example: { body: { paths: ['slides'], to: '' } },
  })
  @Audited('files.copy')
  @Access('projectOwner')
  async copy(
    @CurrentPerson() person: User,
    @CurrentProject() project: Project,
    @ApiBody() order: z.infer<typeof moveOrder>,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Placed | z.infer<typeof copyStartedSchema>> {
    const outcome = await this.put('copy', person, project, order);
    if ('task' in outcome) response.status(202);
    return outcome;
  }

  private async put(verb: MoveVerb, person: User, project: Project, { paths, to, onConflict }: z.infer<typeof moveOrder>) {
    const wish = { project, person, ...together(paths), to: parseEntryPath(to), choice: onConflict ?? null };
    const outcome = await this.moves.put(verb, wish);
    if (outcome.kind === 'ask') throw new ConflictError('apiFiles.namesTaken', { names: listed(outcome.taken).slice(0, 500) });
    await this.touch.now(project);
    if (outcome.kind === 'started') return { task: outcome.task };
    return { placed: outcome.placed.map(({ path }) => formatEntryPath(path)), leftOut: outcome.leftOut };
  }
}
