import { Injectable } from '@nestjs/common';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { FolderIndexes } from '../../common/files/threads/folder-indexes';
import type { Project } from '../../common/projects/project.entity';
import { fileTypeOf } from '../show/file-type';
import type { ShownResult } from '../show/result-choice';
import type { ResolvedView } from '../show/run-views';
import { address } from '../views/helpers';

/** A picture beside the one that is shown. */
export interface Neighbour {
  name: string;
  href: string;
}

/** Null at the ends. */
export interface PicturesAroundOne {
  previous: Neighbour | null;
  next: Neighbour | null;
}

export const ALONE: PicturesAroundOne = { previous: null, next: null };

/** Files that are no pictures are passed over, so many at most. */
const MOST_PASSED = 20;
const BY_NAME = { by: 'name', descending: false, filter: '' } as const;

/** Under the heading under which it stands, in the order of the page of its run. @param base address of the run. */
export function resultsAround(shown: readonly ShownResult[], path: string, base: string): PicturesAroundOne {
  const pictures = shown.filter(({ kind }) => kind === 'image');
  const group = pictures.find(({ file }) => file.address === path)?.group;
  const members = pictures.filter((picture) => picture.group === group);
  const place = members.findIndex(({ file }) => file.address === path);
  const at = (index: number) => {
    const picture = place === -1 ? undefined : members[index];
    return picture ? { name: picture.title, href: address(base, ['viewer', picture.file.address]) } : null;
  };
  return { previous: at(place - 1), next: at(place + 1) };
}

/** The same for views of several files. */
export function viewsAround(views: readonly ResolvedView[], view: ResolvedView, base: string): PicturesAroundOne {
  const members = views.filter(({ rule }) => rule.group === view.rule.group);
  const place = members.indexOf(view);
  const at = (index: number) => {
    const other = place === -1 ? undefined : members[index];
    return other ? { name: other.title, href: address(base, ['viewer'], { view: other.index, of: other.of ?? '' }) } : null;
  };
  return { previous: at(place - 1), next: at(place + 1) };
}

/** Finds the pictures before and after one in its folder of a project. */
@Injectable()
export class PicturesAround {
  constructor(
    private readonly files: ProjectFiles,
    private readonly indexes: FolderIndexes,
  ) {}

  /** In the order of their names. @param base address of the project. */
  async inFolder(project: Project, path: EntryPath, base: string): Promise<PicturesAroundOne> {
    const [previous, next] = await Promise.all([this.from(project, path, 'previous', base), this.from(project, path, 'next', base)]);
    return { previous, next };
  }

  private async from(project: Project, path: EntryPath, way: 'previous' | 'next', base: string): Promise<Neighbour | null> {
    const folder = path.slice(0, -1);
    let name: Buffer | null = path.at(-1) ?? null;
    for (let passed = 0; name && passed < MOST_PASSED; passed += 1) {
      name = (await this.files.of(project).neighbours([...folder, name], this.indexes, BY_NAME))[way];
      if (!name) return null;
      const shown = showEntryName(name);
      const { kind } = fileTypeOf(shown);
      if (kind === 'image' || kind === 'scan') return { name: shown, href: address(base, ['viewer', formatEntryPath([...folder, name])]) };
    }
    return null;
  }
}
