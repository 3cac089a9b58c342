import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { DomainError } from '../../common/errors';
import { titleInReadersWords } from '../../common/pipelines/pipeline-words';
import type { Project } from '../../common/projects/project.entity';
import { noteInWords } from '../../common/queue/note-words';
import type { RunState } from '../../common/queue/run-state';
import type { Run } from '../../common/queue/run.entity';
import type { User } from '../../common/users/user.entity';
import { listed } from '../../locales/joined';
import { text } from '../../locales/text';
import type { StoredManifest } from '../show/run-facts';
import { ALL_INPUTS, RunInputs } from '../show/run-inputs';
import { RunOutputs, shownPath } from '../show/run-outputs';
import { RunRecords, type RunRecord } from '../show/run-records';
import { stateWord } from '../views/elements';
import { parseEntryPath } from '../../common/files/entry-name';
import { compareNotes } from './compare-notes';
import { ComparedRuns, MOST_COMPARED, type ComparedRun } from './compared-runs';
import { compareStatements, type ComparedLine, type Statement } from './comparison';
import { ComparedOutputs, type ComparedPicture, type ComparedTable, type OutputsOfRun } from './compared-outputs';
import { RunsToChoose, type RunChoices } from './run-choices';
import { fileLines, type FileLine, type FileList } from './file-lines';

/** What `views/compare/compare.hbs` shows. */
export interface ComparePageView {
  title: string;
  project: { id: string; name: string };
  /** Those that are compared; fewer than two while they are still to be chosen. `project` is the name of another one; '' for this. */
  runs: { id: number; title: string; state: RunState; project: string }[];
  /** Numbers of those of other projects, for the field. */
  more: string;
  choices: RunChoices;
  /** Whether runs are still chosen, because there are too few, or because another one was looked for. */
  isChoosing: boolean;
  notes: string[];
  parameters: ComparedLine[];
  facts: ComparedLine[];
  inputs: FilesView | null;
  files: FilesView | null;
  pictures: ComparedPicture[];
  tables: ComparedTable[];
  onlyDifferences: boolean;
  /** This comparison with all lines, and with those that differ; below the base path. */
  comparison: { all: string; differences: string };
  /** Numbers of the runs, as other addresses have them. */
  numbers: string;
  /** How many lines were left out because all runs agree. */
  alike: number;
  most: number;
}

/** Files of all runs by their names. */
export interface FilesView {
  lines: FileLine[];
  total: number;
  differing: number;
  /** More than are compared. */
  isCut: boolean;
}

/** What the address asks for. */
export interface ComparisonWish {
  runIds: number[];
  onlyDifferences: boolean;
  /** Column that names rows. */
  key: string;
  /** What is looked for among the runs to choose; null while nobody chooses. */
  find: string | null;
}

/** One run with all that is compared of it. */
interface KnownRun extends ComparedRun {
  record: RunRecord;
  outputs: OutputsOfRun | null;
  inputs: FileList | null;
  files: FileList | null;
  isSumming: boolean;
}

const MOST_LINES = 300;

/** Runs beside each other: what they were given, what they took, and what came of them. */
@Injectable()
export class ComparePage {
  constructor(
    private readonly wanted: ComparedRuns,
    private readonly choices: RunsToChoose,
    private readonly records: RunRecords,
    private readonly inputs: RunInputs,
    private readonly written: RunOutputs,
    private readonly outputs: ComparedOutputs,
  ) {}

  async of(person: User, project: Project, { runIds, onlyDifferences, key, find }: ComparisonWish): Promise<ComparePageView> {
    // The older one is always on the left, however they were chosen.
    const runs = (await this.wanted.find(person, runIds)).sort((one, other) => one.run.id - other.run.id);
    const choices = await this.choices.of(
      project,
      find ?? '',
      runs.map(({ run }) => run),
    );
    const isChoosing = runs.length < 2 || find !== null;
    const compared = isChoosing ? EMPTY : await this.compare(runs, key);
    const lines = [...compared.parameters, ...compared.facts];
    const wanted = (line: { differs: boolean }) => !onlyDifferences || line.differs;
    const address = (query: Record<string, string>) => addressOf(project, runs, query);
    return {
      title: isChoosing ? text('compare.title') : text('compare.titleOf', { runs: listed(runs.map(({ run }) => `#${run.id}`)) }),
      project: { id: project.id, name: project.name },
      runs: runs.map(({ run, project: its }) => runView(run, its, project)),
      more: runs.flatMap(({ run }) => (choices.list.some(({ id }) => id === run.id) ? [] : run.id)).join(', '),
      choices,
      isChoosing,
      ...compared,
      parameters: compared.parameters.filter(wanted),
      facts: compared.facts.filter(wanted),
      inputs: shownFiles(compared.inputs, onlyDifferences),
      files: shownFiles(compared.files, onlyDifferences),
      onlyDifferences,
      comparison: { all: address({}), differences: address({ only: 'differences' }) },
      numbers: runs.map(({ run }) => run.id).join(','),
      alike: onlyDifferences ? lines.filter(({ differs }) => !differs).length : 0,
      most: MOST_COMPARED,
    };
  }

  private async compare(compared: readonly ComparedRun[], key: string): Promise<Pick<ComparePageView, keyof typeof EMPTY>> {
    const runs = await Promise.all(compared.map((one) => this.know(one)));
    const outputs = runs.map((one) => one.outputs);
    const hasOthers = new Set(runs.map(({ run }) => run.projectId)).size > 1;
    const noted = runs.map(({ run, record, outputs: its, isSumming }) => {
      return { run, manifest: record.manifest, hasResults: its !== null && its.count > 0, isSumming };
    });
    return {
      notes: compareNotes(noted),
      parameters: compareStatements(runs.map(({ record }) => parameterStatements(record))),
      facts: compareStatements(runs.map((one) => factStatements(one, hasOthers))),
      inputs: filesView(runs.map(({ inputs }) => inputs)),
      files: filesView(runs.map(({ files }) => files)),
      pictures: this.outputs.picturesBesides(outputs),
      tables: await this.outputs.joinTables(outputs, key),
    };
  }

  private async know(one: ComparedRun): Promise<KnownRun> {
    const { run } = one;
    const record = await this.records.of(run, 1);
    const [outputs, inputs, written] = await Promise.all([
      this.outputsOf(run, record.manifest),
      this.inputs.of(run, ALL_INPUTS),
      this.written.record(run),
    ]);
    const noted = written?.files.map(({ path, size, sha256 }) => ({ name: shownPath(parseEntryPath(path)), size, sha256 }));
    return {
      ...one,
      record,
      outputs,
      inputs: inputs && { files: inputs.files.map(({ name, size, sha256 }) => ({ name, size, sha256 })), complete: inputs.complete },
      files: written && noted ? { files: noted, complete: written.complete } : (outputs?.files ?? null),
      isSumming: written ? !written.done : outputs !== null && outputs.count > 0 && run.finishedMs !== null,
    };
  }

  /** Null where the results are gone. */
  private async outputsOf(run: Run, manifest: StoredManifest): Promise<OutputsOfRun | null> {
    try {
      return await this.outputs.of(run, manifest.outputs ?? [], manifest.views ?? []);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

const EMPTY = {
  notes: [] as string[],
  parameters: [],
  facts: [],
  inputs: null,
  files: null,
  pictures: [],
  tables: [],
} satisfies Partial<ComparePageView>;

function addressOf(project: Project, runs: readonly ComparedRun[], query: Record<string, string>): string {
  const search = new URLSearchParams([...runs.map(({ run }): [string, string] => ['run', String(run.id)]), ...Object.entries(query)]);
  return `/projects/${project.id}/compare?${search.toString()}`;
}

function runView(run: Run, its: Project | null, here: Project): ComparePageView['runs'][number] {
  const { id, state, projectId } = run;
  return { id, title: titleInReadersWords(run), state, project: projectId === here.id ? '' : (its?.name ?? text('show.projectGone')) };
}

function filesView(runs: readonly (FileList | null)[]): FilesView | null {
  const lines = fileLines(runs);
  if (lines.length === 0 || runs.filter((list) => list !== null).length < 2) return null;
  const differing = lines.filter(({ differs }) => differs).length;
  return { lines: lines.slice(0, MOST_LINES), total: lines.length, differing, isCut: lines.length > MOST_LINES };
}

function shownFiles(view: FilesView | null, onlyDifferences: boolean): FilesView | null {
  if (!view || (onlyDifferences && view.differing === 0)) return null;
  if (!onlyDifferences) return view;
  return { ...view, lines: view.lines.filter(({ differs }) => differs), isCut: view.differing > MOST_LINES };
}

function parameterStatements({ parameters }: RunRecord): Statement[] {
  return parameters.map(({ name, label, values, unit, table }) => {
    const all = table ? table.rows.map((row) => row.join(' · ')) : values;
    return { key: name, label: unit === '' ? label : `${label} (${unit})`, values: all };
  });
}

/** What is known of the run itself. Times are no lines: they always differ, and that says nothing. */
function factStatements({ run, project, record, outputs }: KnownRun, hasOthers: boolean): Statement[] {
  const { version, digest } = record.manifest;
  const fact = (key: Parameters<typeof text>[0], value: string | null | undefined): Statement[] =>
    value === null || value === undefined || value === '' ? [] : [{ key, label: text(key), values: [value] }];
  return [
    ...fact('compare.projectOf', hasOthers ? (project?.name ?? text('show.projectGone')) : ''),
    ...fact('compare.pipeline', titleInReadersWords(run)),
    ...fact('compare.version', version),
    ...fact('compare.digest', digest?.sha256.slice(0, 12)),
    ...fact('docker.image', record.image && `${record.image.name} ${record.image.digest.slice(0, 19)}`),
    ...fact('compare.state', stateWord(run.state)),
    ...fact('compare.note', run.state === 'succeeded' ? '' : noteInWords(run.note)),
    ...fact('compare.runner', run.runnerName),
    ...fact('compare.files', outputs && text('compare.filesOf', { count: outputs.count, size: formatBytes(outputs.bytes) })),
  ];
}
