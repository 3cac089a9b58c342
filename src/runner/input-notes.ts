import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../common/config/app-config';
import { FileDigests, INBOX_PROJECT } from '../common/digests/file-digests';
import { DomainError } from '../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../common/files/entry-name';
import { identityKey } from '../common/files/file-identity';
import { FILE_SOURCES, FileReferences, type FilePlace } from '../common/files/file-references';
import { RunFolders } from '../common/files/run-folders';
import { INPUT_RECORD, type InputFile, type InputRecord } from '../common/inputs/input-record';
import { filesIn } from '../common/pipelines/value-files';
import type { Project } from '../common/projects/project.entity';
import type { Run } from '../common/queue/run.entity';
import type { Submission } from './assignments';

const NEXT = [Buffer.from(`${INPUT_RECORD}.next`)];
const MOST_FILES = 1000;
/** How often the record is written anew while checksums are being computed. */
const WRITE_EVERY_MS = 5000;

/**
 * Writes down which files a run reads, with their checksums: those that are known at once, the others while the program works. Nothing
 * waits for it, and a run whose inputs cannot be written down is still a run.
 */
@Injectable()
export class InputNotes {
  private readonly logger = new Logger('Runner');

  constructor(
    private readonly config: AppConfig,
    private readonly references: FileReferences,
    private readonly digests: FileDigests,
    private readonly runFolders: RunFolders,
  ) {}

  /** To be called when the folder of the attempt is there. */
  async note(run: Run, submission: Submission): Promise<void> {
    const { project, manifest, parameters } = submission;
    const references = filesIn(manifest.parameters, parameters);
    if (!project || references.length === 0) return;
    try {
      const record = await this.look(project, references);
      await this.fillKnown(project, record.files);
      await this.write(run, record);
      if (this.config.settings.INPUT_CHECKSUMS) await this.computeOthers(run, project, record);
    } catch (error) {
      // The runner stops.
      if ((error as Error).name === 'AbortError') return;
      this.logger.warn(`Run ${run.id}: its inputs could not be written down: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private async look(project: Project, references: readonly string[]): Promise<InputRecord> {
    const record: InputRecord = { complete: true, files: [] };
    for (const reference of references) {
      const place = await this.references.place(project, reference);
      const { kind } = await place.directory.stat(place.path);
      if (kind !== 'folder') await this.add(record, place, place.path);
      else await this.addFolder(record, place);
    }
    return record;
  }

  private async addFolder(record: InputRecord, place: FilePlace): Promise<void> {
    const { files, complete } = await place.directory.findFiles(place.path, { most: MOST_FILES - record.files.length });
    for (const { path } of files) await this.add(record, place, [...place.path, ...path]);
    record.complete &&= complete;
  }

  private async add(record: InputRecord, { source, directory, link }: FilePlace, path: EntryPath): Promise<void> {
    if (record.files.length >= MOST_FILES) {
      record.complete = false;
      return;
    }
    const identity = await directory.identify(path);
    const by = link ? { link: formatEntryPath(link) } : {};
    if (identity) record.files.push({ source, path: formatEntryPath(path), ...by, ...identity, sha256: null });
  }

  private async fillKnown(project: Project, files: readonly InputFile[]): Promise<void> {
    for (const source of FILE_SOURCES) {
      const some = files.filter((file) => file.source === source && file.sha256 === null);
      if (some.length === 0) continue;
      const known = await this.digests.find(digestsOf(source, project), some);
      for (const file of some) file.sha256 = known.get(identityKey(file))?.sha256 ?? null;
    }
  }

  /** One after the other, each in a process of low priority. What was changed since the start has none. */
  private async computeOthers(run: Run, project: Project, record: InputRecord): Promise<void> {
    let writtenMs = performance.now();
    for (const file of record.files.filter((one) => one.sha256 === null)) {
      const { directory } = await this.references.place(project, `${file.source}:${file.path}`);
      await this.digests.compute(digestsOf(file.source, project), directory, parseEntryPath(file.path)).catch(ignoreGone);
      await this.fillKnown(project, [file]);
      if (performance.now() - writtenMs < WRITE_EVERY_MS) continue;
      writtenMs = performance.now();
      await this.write(run, record);
    }
    await this.write(run, record);
  }

  /** In one step, so that a reader finds a whole record. */
  private async write({ id, attempt }: Run, record: InputRecord): Promise<void> {
    const directory = this.runFolders.of(id).inside([Buffer.from(String(attempt))]);
    await directory.remove(NEXT);
    const file = await directory.createFile(NEXT);
    try {
      await file.writeFile(JSON.stringify(record));
    } finally {
      await file.close();
    }
    await directory.rename(NEXT, [Buffer.from(INPUT_RECORD)]);
  }
}

function digestsOf(source: InputFile['source'], project: Project): string {
  return source === 'project' ? project.id : INBOX_PROJECT;
}

/** It was removed, or is written to: the record says so by the missing checksum. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof DomainError)) throw error;
}
