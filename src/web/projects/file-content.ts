import { Injectable } from '@nestjs/common';
import { showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { OpenFile } from '../../common/files/safe-directory';
import { InboxLinks } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';

/** What is in the files of a project, for pages and programs. */
@Injectable()
export class FileContent {
  constructor(
    private readonly files: ProjectFiles,
    private readonly links: InboxLinks,
  ) {}

  /** A file, or the one in the inbox for which it stands. Whoever asks closes it. @param path not the root. @throws NotFoundError. */
  async open(project: Project, path: EntryPath): Promise<{ file: OpenFile; name: string }> {
    const { directory, path: place } = await this.links.follow(project, this.files.of(project), path);
    return { file: await directory.openFile(place), name: showEntryName(path.at(-1)!) };
  }
}
