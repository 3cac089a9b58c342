import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { formatEntryPath, showEntryName, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import type { Entry } from '../../common/files/safe-directory';
import { InboxLinks } from '../../common/inbox/inbox-links';
import type { Project } from '../../common/projects/project.entity';
import { linkView, type LinkView } from '../projects/folder.view';
import { fileTypeOf, isPdf } from '../show/file-type';
import { previewText, readTable, type CountedTable, type TextPreview } from '../show/result-preview';
import { pictureFault, type PictureFault } from '../show/whole-picture';
import { address } from '../views/helpers';
import { Thumbnails } from './thumbnails';

/** What a page shows of a file in place; all null: nothing can be shown. */
export interface Preview {
  /** Address of the picture, and of the page that shows the image closely. */
  picture: string | null;
  viewer: string | null;
  /** What is wrong with an image, as far as known; with no picture beside it where none can be had. */
  pictureFault: PictureFault | null;
  table: (CountedTable & { wide: boolean }) | null;
  text: TextPreview | null;
  /** Address of the document. */
  pdf: string | null;
}

const NOTHING: Preview = { picture: null, viewer: null, pictureFault: null, table: null, text: null, pdf: null };

/** What can be shown of a file of a project. */
@Injectable()
export class FilePreviews {
  constructor(
    private readonly files: ProjectFiles,
    private readonly links: InboxLinks,
    private readonly thumbnails: Thumbnails,
  ) {}

  /** @returns with the file of the inbox that it stands for; null for what is no link. */
  async of(project: Project, path: EntryPath, entry: Entry): Promise<{ preview: Preview; link: LinkView | null }> {
    const link = await this.linkAt(project, path, entry);
    return { link, preview: link ? await this.previewOfLink(project, path, entry, link) : await this.preview(project, path, entry) };
  }

  private async linkAt(project: Project, path: EntryPath, { size }: Entry): Promise<LinkView | null> {
    const found = await this.links.among(project, this.files.of(project), [{ path, size }]);
    const [link] = [...found.values()];
    return link ? linkView(link) : null;
  }

  /** What lies there by now may be nothing that is handed out. */
  private async previewOfLink(project: Project, path: EntryPath, entry: Entry, { state, size }: LinkView): Promise<Preview> {
    try {
      return state === 'gone' ? NOTHING : await this.preview(project, path, { ...entry, size });
    } catch (error) {
      if (error instanceof DomainError) return NOTHING;
      throw error;
    }
  }

  private async preview(project: Project, path: EntryPath, { size, mtimeMs }: Entry): Promise<Preview> {
    const name = showEntryName(path.at(-1)!);
    const { kind } = fileTypeOf(name);
    const written = formatEntryPath(path);
    if (size === 0) return NOTHING;
    if (kind === 'image' || kind === 'scan') {
      const v = `${size.toString(36)}-${Math.round(mtimeMs).toString(36)}`;
      const at = (page: string, query = {}) => address('/projects', [project.id, page, written], query);
      const fault = await this.faultOf(project, path);
      if (fault && !(await this.hasPicture(project, path))) return { ...NOTHING, pictureFault: fault };
      return { ...NOTHING, pictureFault: fault, picture: at('thumbnails', { size: 'page', v }), viewer: at('viewer') };
    }
    if (isPdf(name)) return { ...NOTHING, pdf: address('/projects', [project.id, 'documents', written]) };
    const place = await this.links.follow(project, this.files.of(project), path);
    const file = { path: place.path, shown: name };
    const table = kind === 'table' ? await readTable(place.directory, { file }) : null;
    if (table) return { ...NOTHING, table: { ...table, wide: table.columnCount > table.columns.length } };
    return { ...NOTHING, text: await previewText(place.directory, { file }) };
  }

  private async faultOf(project: Project, path: EntryPath): Promise<PictureFault | null> {
    const place = await this.links.follow(project, this.files.of(project), path);
    const { handle, size } = await place.directory.openFile(place.path);
    return pictureFault(handle, size).finally(() => handle.close());
  }

  /** Of what ends early there may still be a part to see. It is made once, and kept for the page. */
  private async hasPicture(project: Project, path: EntryPath): Promise<boolean> {
    try {
      const picture = await this.thumbnails.of(project, path, 'page');
      if (picture === null) return false;
      if (picture !== 'later') await picture.file.handle.close();
      return true;
    } catch (error) {
      // Too much to do just now: the picture will tell.
      if (error instanceof DomainError) return true;
      throw error;
    }
  }
}
