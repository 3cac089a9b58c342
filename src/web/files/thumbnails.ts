import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { OpenFile } from '../../common/files/safe-directory';
import { ProjectPictures } from '../../common/files/project-pictures';
import { InboxLinks } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';
import { LABEL_WORDS } from '../images/label-words';
import { PictureStore, type Picture } from '../images/picture-store';

/** Longest edge in pixels: twice the size on the page, for dense screens. */
const EDGES = { list: 96, grid: 400, page: 2000 } as const;
export type ThumbnailSize = keyof typeof EDGES;

/** A list that waits longer for a picture would keep the browser from anything else. */
const PATIENCE_MS = 6000;

export function isThumbnailSize(value: unknown): value is ThumbnailSize {
  return typeof value === 'string' && Object.hasOwn(EDGES, value);
}

/** Small pictures of the images of a project, made when they are first asked for and kept by the identity of the file. */
@Injectable()
export class Thumbnails {
  constructor(
    private readonly files: ProjectFiles,
    private readonly links: InboxLinks,
    private readonly folders: ProjectPictures,
    private readonly pictures: PictureStore,
  ) {}

  /**
   * @returns the picture, which the caller closes; null when there is none to be had; `later` when it is still being made.
   * @throws NotFoundError and its like when the file is not there, or is none.
   */
  async of(project: Project, path: EntryPath, size: ThumbnailSize): Promise<Picture | null | 'later'> {
    const source = await this.open(project, path);
    const work = this.take(project, path, source, size).finally(() => source.handle.close());
    if (size === 'page') return work;
    const first = await Promise.race([work, sleep(PATIENCE_MS, 'later' as const, { ref: false })]);
    if (first === 'later') void work.then((picture) => picture?.file.handle.close()).catch(() => undefined);
    return first;
  }

  /** For what is no image. @throws NotFoundError and its like when there is no such file. */
  async none(project: Project, path: EntryPath): Promise<null> {
    const { handle } = await this.open(project, path);
    await handle.close();
    return null;
  }

  private async open(project: Project, path: EntryPath): Promise<OpenFile> {
    const place = await this.links.follow(project, this.files.of(project), path);
    return place.directory.openFile(place.path);
  }

  private async take(project: Project, path: EntryPath, source: OpenFile, size: ThumbnailSize): Promise<Picture | null> {
    const labels = LABEL_WORDS.test(path.at(-1)!.toString());
    const { ino, mtimeNs } = await source.handle.stat({ bigint: true });
    const key = `${ino}-${source.size}-${mtimeNs}-${size}${labels ? '-labels' : ''}`;
    const task = { most: EDGES[size], labels, lane: size === 'page' ? 'view' : 'thumbnail' } as const;
    return this.pictures.take(await this.folders.of(project.id, 'thumbnails'), key, source, task);
  }
}
