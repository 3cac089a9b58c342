import { DomainError } from '../../common/errors';
import { formatFileReference } from '../../common/files/file-references';
import { newEntryName } from '../../common/files/entry-name';
import { rowsFrom, namesFrom, type FilledRows, type SourceFile } from '../../common/pipelines/file-source';
import type { Parameter, Pipeline } from '../../common/pipelines/manifest';
import type { Entered } from '../../common/pipelines/parameters';
import type { Source } from '../../common/pipelines/rich-parameters';
import type { SourceNames, Surroundings } from '../../common/pipelines/surroundings';
import type { Run } from '../../common/queue/run.entity';
import { text } from '../../locales/text';
import { fileMenu, menuSize } from './file-menu';
import type { FileChoice } from './input-files';

/** What a form needs of the world, each looked up when it is first asked for. */
export interface World {
  files(): Promise<FileChoice[]>;
  /** Names in a file of the pipeline's folder; null when they cannot be read. */
  list(file: string): Promise<ReadonlySet<string> | null>;
  /** Null when there is no such file. */
  columns(glob: string, run: number | null): Promise<string[] | null>;
  /** Paths of the files of the project, or of the results of one of its runs. */
  paths(run: number | null): Promise<readonly string[]>;
  /** Runs of the project that ended well, at least in part, newest first. */
  runs(): Promise<Run[]>;
}

type Of<Type extends Parameter['type']> = Extract<Parameter, { type: Type }>;

/** Names, runs and rows for one form of one pipeline in one project, as they are during one request. */
export class FormSurroundings implements Surroundings {
  private readonly known = new Map<string, Promise<SourceNames>>();
  private readonly paths = new Map<number | null, Promise<readonly string[]>>();
  private shown: Promise<Shown> | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly world: World,
  ) {}

  names(name: string, entered: Entered): Promise<SourceNames> {
    const source = this.sourceOf(name);
    if (!source) return Promise.resolve({ fault: text('pipelines.noNames') });
    const run = this.runOf(source, entered);
    const key = `${name}\0${run}`;
    const known = this.known.get(key) ?? this.namesOf(source, run);
    this.known.set(key, known);
    return known;
  }

  async runFault(parameter: Of<'run'>, run: string): Promise<string | undefined> {
    const runs = await this.runsFor(parameter);
    return runs.some(({ id }) => String(id) === run) ? undefined : text('pipelines.runNotThere');
  }

  files(run: number | null): Promise<readonly string[]> {
    const paths = this.paths.get(run) ?? this.world.paths(run);
    this.paths.set(run, paths);
    return paths;
  }

  async runsFor({ pipelines }: Of<'run'>): Promise<Run[]> {
    const ids = pipelines.length > 0 ? pipelines : [this.pipeline.manifest.id];
    return (await this.world.runs()).filter(({ pipelineId }) => ids.includes(pipelineId));
  }

  async reference(name: string): Promise<string> {
    if (/^(?:project|inbox|own|after):/.test(name)) return name;
    const { byName, byLastName } = await this.allShown();
    return byName.get(name) ?? byLastName.get(name) ?? asReference(name);
  }

  /** A file as its name is written into a cell; the reference itself where it is not offered. */
  async shownName(reference: string): Promise<string> {
    return (await this.allShown()).byReference.get(reference) ?? reference;
  }

  /** Names of the first files as they are written into cells, and how many there are. */
  async fileNames(isMeant: (file: FileChoice) => boolean): Promise<{ names: string[]; total: number }> {
    const all = (await this.world.files()).filter(isMeant);
    const { files } = fileMenu(all, [], { size: menuSize(this.pipeline.manifest), typed: '', isComplete: true });
    return { names: files.map(shownNameOf), total: all.length };
  }

  /** The rows that the files of the project make, or why there are none. */
  async rowsOf({ fill }: Of<'table'>): Promise<FilledRows | null> {
    const source = fill && this.sourceOf(fill.source);
    return fill && source?.kind === 'files' ? rowsFrom(source, fill, await this.sourceFiles()) : null;
  }

  /** Id of the field that chooses the run in which a source looks; '' for none. */
  runFieldOf(name: string): string {
    const source = this.sourceOf(name);
    return source?.kind === 'columnsOf' && source.run !== null ? `p-${source.run}` : '';
  }

  private sourceOf(name: string): Source | undefined {
    const { sources = {} } = this.pipeline.manifest;
    return Object.hasOwn(sources, name) ? sources[name] : undefined;
  }

  /** The run that is chosen for a source; '' for none. */
  private runOf(source: Source, entered: Entered): string {
    if (source.kind !== 'columnsOf' || source.run === null || !Object.hasOwn(entered, source.run)) return '';
    const run = entered[source.run];
    return typeof run === 'string' ? run : '';
  }

  private async namesOf(source: Source, run: string): Promise<SourceNames> {
    if (source.kind === 'list') {
      const names = await this.world.list(source.list);
      return names ? { names } : { fault: source.whenMissing ?? text('run.listUnreadable', { file: source.list }) };
    }
    if (source.kind === 'columnsOf') return this.columnsOf(source, run);
    const names = namesFrom(source, await this.sourceFiles());
    if (names === null) return { fault: text('run.patternTooSlow') };
    return names.length > 0 ? { names: new Set(names) } : { fault: text('run.noNamesInFiles') };
  }

  private async columnsOf({ columnsOf, run: parameter }: Extract<Source, { kind: 'columnsOf' }>, run: string): Promise<SourceNames> {
    const chooser = parameter === null ? undefined : this.pipeline.manifest.parameters.find(({ name }) => name === parameter);
    if (chooser?.type === 'run') {
      if (run === '') return { fault: text('run.chooseRunFirst', { label: chooser.label }) };
      // Before anything of it is read: it may be the number of any run.
      if ((await this.runFault(chooser, run)) !== undefined) return { fault: text('pipelines.runNotThere') };
    }
    const names = await this.world.columns(columnsOf, chooser ? Number(run) : null);
    if (names) return { names: new Set(names) };
    return { fault: chooser ? text('run.noColumnsInRun', { file: columnsOf, run }) : text('run.noColumns', { file: columnsOf }) };
  }

  /** Only what people put into the project themselves. */
  private async sourceFiles(): Promise<SourceFile[]> {
    const files = (await this.world.files()).filter(({ group }) => group === 'project');
    return files.map(({ name, label, reference }) => ({ name, folder: label.slice(0, -name.length).replace(/\/$/, ''), reference }));
  }

  private allShown(): Promise<Shown> {
    this.shown ??= this.world.files().then((files) => {
      const times = new Map<string, number>();
      for (const { name } of files) times.set(name, (times.get(name) ?? 0) + 1);
      return {
        byName: new Map([...files].reverse().map((file) => [shownNameOf(file), file.reference])),
        byLastName: new Map(files.filter(({ name }) => times.get(name) === 1).map((file) => [file.name, file.reference])),
        byReference: new Map(files.map((file) => [file.reference, shownNameOf(file)])),
      };
    });
    return this.shown;
  }
}

interface Shown {
  byName: ReadonlyMap<string, string>;
  byLastName: ReadonlyMap<string, string>;
  byReference: ReadonlyMap<string, string>;
}

/** Files of the project by their path, results below `runs`, those of the inbox as their reference. */
export function shownNameOf({ group, label, reference }: FileChoice): string {
  if (group === 'project') return label;
  return group === 'results' ? `runs/${label}` : reference;
}

/** For the sentence that it is not there. */
function asReference(name: string): string {
  try {
    return formatFileReference('project', name.split('/').map(newEntryName));
  } catch (error) {
    if (error instanceof DomainError) return name;
    throw error;
  }
}
