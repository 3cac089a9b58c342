import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { InvalidInputError } from '../../../common/errors';
import { formatEntryPath, parseEntryPath, showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Entry } from '../../../common/files/safe-directory';
import { FolderIndexes } from '../../../common/files/threads/folder-indexes';
import { InboxLinks } from '../../../common/inbox/inbox-links';
import type { Project } from '../../../common/projects/project.entity';
import { decodeCursor, encodeCursor } from '../contract/paging';
import type { EntryJson, filesQuery, filesSchema } from './file-schemas';

const MOST_ENTRIES = 10_000_000;
export const position = z.int().min(0).max(MOST_ENTRIES);

/** Several entries of one folder. */
export interface Together {
  folder: EntryPath;
  names: Buffer[];
}

/** What lies in the folders of a project, for programs. */
@Injectable()
export class Entries {
  constructor(
    private readonly files: ProjectFiles,
    private readonly indexes: FolderIndexes,
    private readonly links: InboxLinks,
  ) {}

  /** @throws NotFoundError, InvalidInputError. */
  async list(project: Project, query: z.infer<typeof filesQuery>): Promise<z.infer<typeof filesSchema>> {
    const { limit, after, sort, descending, name } = query;
    const folder = parseEntryPath(query.path);
    const from = decodeCursor(position, after) ?? 0;
    const question = { by: sort, descending: descending === 'true', filter: name, from, limit };
    const { entries, matching, total, complete } = await this.files.of(project).listSorted(folder, this.indexes, question);
    const files = entries.filter(({ kind }) => kind === 'file').map((entry) => ({ path: [...folder, entry.name], size: entry.size }));
    const links = await this.links.among(project, this.files.of(project), files);
    const items = entries.map((entry) => {
      const json = entryJson(folder, entry);
      return { ...json, size: links.get(json.path)?.size ?? json.size };
    });
    return { items, next: from + limit < matching ? encodeCursor(from + limit) : null, total, isComplete: complete };
  }

  /** @throws NotFoundError. */
  async look(project: Project, path: EntryPath): Promise<EntryJson> {
    return entryJson(path.slice(0, -1), { ...(await this.files.of(project).stat(path)), name: path.at(-1)! });
  }
}

export function entryJson(folder: EntryPath, { name, kind, size, mtimeMs }: Entry): EntryJson {
  const path = formatEntryPath([...folder, name]);
  return { name: showEntryName(name), path, type: kind, size, changedAt: new Date(mtimeMs).toISOString() };
}

/** @throws InvalidInputError for paths that are none, or do not lie in one folder. */
export function together(paths: readonly string[]): Together {
  const all = [...new Set(paths)].map(parseEntryPath);
  const [first] = all;
  const folder = first?.slice(0, -1) ?? [];
  if (all.some((path) => path.length === 0)) throw new InvalidInputError('files.badPath', {}, 'paths');
  if (all.some((path) => formatEntryPath(path.slice(0, -1)) !== formatEntryPath(folder))) {
    throw new InvalidInputError('apiFiles.oneFolder', {}, 'paths');
  }
  return { folder, names: all.map((path) => path.at(-1)!) };
}
