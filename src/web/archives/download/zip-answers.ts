import { Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { InvalidInputError } from '../../../common/errors';
import { showEntryName, type EntryPath } from '../../../common/files/entry-name';
import { ProjectFiles } from '../../../common/files/project-files';
import type { Project } from '../../../common/projects/project.entity';
import { text } from '../../../locales/text';
import { storable } from './storable';
import { closeSignal, sendZip } from './zip-answer';
import { ZipDownloads, type ZipWish } from './zip-downloads';

const MOST_NAMES = 10_000;

/** Who wants what of a project in one archive. */
export interface AskedZip {
  project: Project;
  /** Whom the download counts for. */
  reader: string;
  folder: EntryPath;
  /** In the folder; null: all of it. */
  names: readonly Buffer[] | null;
}

/** Answers with a folder, or a selection in it, as one zip archive. */
@Injectable()
export class ZipAnswers {
  constructor(
    private readonly downloads: ZipDownloads,
    private readonly files: ProjectFiles,
  ) {}

  /** @throws InvalidInputError for too many names, and as `ZipDownloads.with`. */
  async send({ project, reader, folder, names: asked }: AskedZip, request: Request, response: Response): Promise<void> {
    if (asked && asked.length > MOST_NAMES) throw new InvalidInputError('archives.tooManyNames', { most: MOST_NAMES });
    const names = asked && eachOnce(asked);
    const title = this.titleOf(project, folder);
    const wish: ZipWish = { folder, names, top: Buffer.from(title) };
    const [only] = names ?? [];
    const file = names?.length === 1 && only ? showEntryName(only) : title;
    await this.downloads.with(reader, project, wish, closeSignal(response), (zip) => sendZip(request, response, zip, `${file}.zip`));
  }

  /** What the folder, or the project, is called in an archive and as one. */
  private titleOf(project: Project, folder: EntryPath): string {
    const last = folder.at(-1);
    if (!last) return storable(project.name) || project.id;
    const isRun = this.files.isInResults(folder) && folder.length === 2;
    return storable(isRun ? text('archives.resultsOfRun', { run: showEntryName(last) }) : showEntryName(last)) || project.id;
  }
}

function eachOnce(names: readonly Buffer[]): Buffer[] {
  return [...new Map(names.map((name) => [name.toString('latin1'), name])).values()];
}
