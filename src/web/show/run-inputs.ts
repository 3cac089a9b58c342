import { Injectable } from '@nestjs/common';
import { FileDigests, INBOX_PROJECT } from '../../common/digests/file-digests';
import { DomainError } from '../../common/errors';
import { parseEntryName, showEntryName } from '../../common/files/entry-name';
import { identityKey, type FileIdentity } from '../../common/files/file-identity';
import { FileReferences, type FileSource } from '../../common/files/file-references';
import { RunFolders } from '../../common/files/run-folders';
import { asInputRecord, INPUT_RECORD, type InputFile } from '../../common/inputs/input-record';
import type { Project } from '../../common/projects/project.entity';
import { ProjectsRepository } from '../../common/projects/projects.repository';
import type { Run } from '../../common/queue/run.entity';
import { readControlRecord } from './control-record';

/** One file that a run was given, and what became of it since. */
export interface InputView {
  source: FileSource;
  /** For people. */
  name: string;
  /** Address of its page; null when it is not in the project any more. */
  path: string | null;
  /** Address below the root of its source: of the link or file that was chosen, itself or with its folder. */
  chosen: string;
  /** The link in the project by which it was chosen, for people; '' for what is no link. */
  link: string;
  size: number;
  sha256: string | null;
  /** `same`: as it was when the run started. */
  since: 'same' | 'changed' | 'gone';
}

export interface InputsView {
  /** The first of them. */
  files: InputView[];
  total: number;
  /** False when there were more than were written down. */
  complete: boolean;
  /** Of those shown, how many are not as they were. */
  changed: number;
}

const MOST_SHOWN = 50;
/** As many as are ever written down. */
export const ALL_INPUTS = 1000;

/** The files that a run was started with, as they were then. */
@Injectable()
export class RunInputs {
  constructor(
    private readonly folders: RunFolders,
    private readonly projects: ProjectsRepository,
    private readonly references: FileReferences,
    private readonly digests: FileDigests,
  ) {}

  /** Null before the first start, and for runs without files. @param most of the files are looked at. */
  async of({ id, attempt, projectId }: Run, most = MOST_SHOWN): Promise<InputsView | null> {
    const record = attempt === 0 ? null : asInputRecord(await readControlRecord(this.folders.of(id), [String(attempt), INPUT_RECORD]));
    const project = record && (await this.projects.findById(projectId));
    if (!project || record.files.length === 0) return null;
    const shown = record.files.slice(0, most);
    const files = await Promise.all(shown.map((file) => this.view(project, file)));
    const changed = files.filter((file) => file.since !== 'same').length;
    return { files, total: record.files.length, complete: record.complete, changed };
  }

  private async view(project: Project, file: InputFile): Promise<InputView> {
    const now = await this.identityNow(project, file);
    const known = file.sha256 ?? (await this.digestOf(project, file.source, file));
    const since = now === null ? 'gone' : (await this.isSame(project, file, now, known)) ? 'same' : 'changed';
    return {
      source: file.source,
      name: shownAddress(file.path),
      path: since === 'gone' || file.source !== 'project' ? null : file.path,
      chosen: file.link ?? file.path,
      link: file.link === undefined ? '' : shownAddress(file.link),
      size: file.size,
      sha256: known,
      since,
    };
  }

  /** Written anew with the same content counts as the same, as far as checksums are known. */
  private async isSame(project: Project, file: InputFile, now: FileIdentity, known: string | null): Promise<boolean> {
    if (identityKey(now) === identityKey(file)) return true;
    return known !== null && now.size === file.size && (await this.digestOf(project, file.source, now)) === known;
  }

  /** Somebody may have computed it since. */
  private async digestOf({ id }: Project, source: FileSource, file: FileIdentity): Promise<string | null> {
    return (await this.digests.findOne(source === 'project' ? id : INBOX_PROJECT, file))?.sha256 ?? null;
  }

  private async identityNow(project: Project, { source, path }: InputFile): Promise<FileIdentity | null> {
    try {
      const place = await this.references.place(project, `${source}:${path}`);
      return await place.directory.identify(place.path);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

function shownAddress(address: string): string {
  return address.split('/').map(nameForPeople).join('/');
}

function nameForPeople(address: string): string {
  try {
    return showEntryName(parseEntryName(address));
  } catch {
    return address;
  }
}
