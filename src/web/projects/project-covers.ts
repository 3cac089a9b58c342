import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/errors';
import { formatEntryPath, parseEntryPath, type EntryPath } from '../../common/files/entry-name';
import { ProjectFiles } from '../../common/files/project-files';
import { RunFolders } from '../../common/files/run-folders';
import type { SafeDirectory } from '../../common/files/safe-directory';
import { asOutputRecord, OUTPUT_RECORD } from '../../common/outputs/output-record';
import type { Project } from '../../common/projects/project.entity';
import { ProjectRunsRepository } from '../../common/projects/project-runs.repository';
import { compileGlob } from '../../common/pipelines/output-glob';
import type { Run } from '../../common/queue/run.entity';
import { readControlRecord } from '../show/control-record';
import type { StoredManifest } from '../show/run-facts';
import { shownPath } from '../show/run-outputs';
import { fileTypeOf } from '../show/file-type';
import { address } from '../views/helpers';

/** A cover is worth a glance into a folder, and no walk. */
const MOST_ENTRIES = 100;
/** Lists of what runs have left that are read for one page; of the others the glance is enough until the next one. */
const MOST_LISTS = 8;
/** Files of such a list that are tried: somebody may have deleted the first ones. */
const MOST_TRIED = 5;
const MOST_REMEMBERED = 1000;
/** Masks are dark to the eye: any other picture comes before them. */
const LAST = 10_000;

type Outputs = NonNullable<StoredManifest['outputs']>;
/** An image among results, and its place in the order of the pipeline. */
interface Ranked {
  path: EntryPath;
  place: number;
}

/** A small picture of what a project has come to: the first image of its latest run that came to something. */
@Injectable()
export class ProjectCovers {
  /** Files by the number of their run, null where its list has no image: what has ended writes no others. */
  private readonly known = new Map<number, EntryPath | null>();

  constructor(
    private readonly runs: ProjectRunsRepository,
    private readonly files: ProjectFiles,
    private readonly folders: RunFolders,
  ) {}

  /** @returns addresses below the base path, by project id; nothing for projects without a picture. */
  async of(projects: readonly Project[]): Promise<Map<string, string>> {
    const newest = await this.runs.newestGoodOf(projects.map(({ id }) => id));
    const details = await this.runs.detailsOf([...newest.values()].map(({ id }) => id));
    const lists = { left: MOST_LISTS };
    const covers = await Promise.all(
      projects.map(async (project): Promise<[string, string][]> => {
        const run = newest.get(project.id);
        const cover = run && (await this.coverOf(project, run, details.get(run.id)?.manifest ?? {}, lists));
        return cover ? [[project.id, cover]] : [];
      }),
    );
    return new Map(covers.flat());
  }

  private async coverOf(project: Project, run: Run, { outputs = [] }: StoredManifest, lists: { left: number }): Promise<string | null> {
    const results = this.files.of(project).inside(this.files.resultsPath(run.id));
    const known = this.known.get(run.id);
    // It may have been deleted since.
    const isThere = known ? await orWhenGone(false, results.exists(known)) : false;
    const path = isThere ? known : await this.find(results, run, outputs, lists);
    if (!path) return null;
    this.remember(run.id, path);
    return address('/projects', [project.id, 'thumbnails', formatEntryPath([...this.files.resultsPath(run.id), ...path])], {
      size: 'grid',
    });
  }

  /** At a glance, where that finds what the pipeline names first; else as the list of what the run has left says. */
  private async find(results: SafeDirectory, run: Run, outputs: Outputs, lists: { left: number }): Promise<EntryPath | undefined> {
    const names = await orWhenGone([], results.glance([], MOST_ENTRIES));
    const best = inOrder(
      names.map((name) => [name]),
      outputs,
    ).at(0);
    if (best?.place === 0 || this.known.get(run.id) === null || lists.left === 0) return best?.path;
    lists.left -= 1;
    const list = asOutputRecord(await readControlRecord(this.folders.of(run.id), [String(run.attempt), OUTPUT_RECORD]));
    const listed = inOrder(
      (list?.files ?? []).map((file) => parseEntryPath(file.path)),
      outputs,
    );
    if (list?.done && listed.length === 0) this.remember(run.id, null);
    for (const { path, place } of listed.slice(0, MOST_TRIED)) {
      if (best && best.place <= place) break;
      if (await orWhenGone(false, results.exists(path))) return path;
    }
    return best?.path;
  }

  private remember(runId: number, path: EntryPath | null): void {
    this.known.delete(runId);
    this.known.set(runId, path);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST_REMEMBERED) this.known.delete(oldest);
  }
}

/** The images, as the page of the run has them: what the pipeline names first stands first. */
function inOrder(paths: readonly EntryPath[], outputs: Outputs): Ranked[] {
  const rules = outputs.map(({ glob, kind }) => ({ fits: compileGlob(glob), isMask: kind === 'label' }));
  const ranked = paths.flatMap((path): Ranked[] => {
    const shown = shownPath(path);
    if (!['image', 'scan'].includes(fileTypeOf(shown).kind)) return [];
    const index = rules.findIndex(({ fits }) => fits(shown));
    return [{ path, place: index === -1 ? rules.length : rules[index].isMask ? LAST : index }];
  });
  return ranked.sort((one, other) => one.place - other.place);
}

async function orWhenGone<Result>(instead: Result, look: Promise<Result>): Promise<Result> {
  try {
    return await look;
  } catch (error) {
    if (error instanceof DomainError) return instead;
    throw error;
  }
}
