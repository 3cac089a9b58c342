import { Injectable } from '@nestjs/common';
import { formatEntryName, formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { FolderIndexes } from '../../common/files/threads/folder-indexes';
import type { Project } from '../../common/projects/project.entity';
import { text } from '../../locales/text';
import { listAddress, listQuery, type ListQuery } from '../projects/list-state';
import type { Crumb } from '../projects/folder.view';
import type { MoveVerb } from './file-moves';
import type { Selection } from './selection';

/** The page on which a folder is chosen for what was selected. */
export interface FolderPicker {
  title: string;
  verb: MoveVerb;
  project: { id: string; name: string };
  /** What was selected, for people and for the form. */
  items: { name: string; address: string }[];
  /** Whether one thing or several. */
  what: string;
  /** The folder that is looked into. */
  path: string;
  folderName: string;
  crumbs: Crumb[];
  folders: { name: string; path: string; isRefused: boolean }[];
  /** False when there are more folders than are listed. */
  complete: boolean;
  /** Whether the selection can go into this folder. */
  canPut: boolean;
  /** Names that are taken there, when that is the question. */
  taken: string[];
  state: ListQuery;
  backHref: string;
}

const MOST_FOLDERS = 500;

/** Lets people choose a folder step by step, without scripts. */
@Injectable()
export class FolderPickerView {
  constructor(
    private readonly files: ProjectFiles,
    private readonly indexes: FolderIndexes,
  ) {}

  /** @param into the folder that is looked into. @param taken see `FolderPicker`. @throws NotFoundError when it is not there. */
  async of(project: Project, verb: MoveVerb, selection: Selection, into: EntryPath, taken: string[] = []): Promise<FolderPicker> {
    const { state, folder, names } = selection;
    const question = { by: 'name', descending: false, filter: '', from: 0, limit: MOST_FOLDERS } as const;
    const { entries } = await this.files.of(project).listSorted(into, this.indexes, question);
    const folders = entries.filter((entry) => entry.kind === 'folder' && !this.files.isInResults([...into, entry.name]));
    const isRefused = (path: string) =>
      names.some((name) => {
        const source = formatEntryPath([...folder, name]);
        return path === source || path.startsWith(`${source}/`);
      });
    const path = formatEntryPath(into);
    const items = names.map((name) => ({ name: showEntryName(name), address: formatEntryName(name) }));
    const what = items.length === 1 ? items[0].name : text('browse.entries', { count: items.length });
    return {
      title: text(verb === 'move' ? 'browse.moveTitle' : 'browse.copyTitle', { what }),
      verb,
      project: { id: project.id, name: project.name },
      items,
      what,
      path,
      folderName: into.length === 0 ? project.name : showEntryName(into.at(-1)!),
      crumbs: into.map((name, index) => ({ name: showEntryName(name), path: formatEntryPath(into.slice(0, index + 1)) })),
      folders: folders.map(({ name }) => {
        const below = formatEntryPath([...into, name]);
        return { name: showEntryName(name), path: below, isRefused: isRefused(below) };
      }),
      complete: entries.length < MOST_FOLDERS || entries.at(-1)?.kind !== 'folder',
      canPut: !this.files.isInResults(into) && !isRefused(path) && (verb === 'copy' || path !== formatEntryPath(folder)),
      taken,
      state: listQuery(state),
      backHref: listAddress(project.id, state),
    };
  }
}
