import { Injectable } from '@nestjs/common';
import { formatBytes } from '../../browser/amounts';
import { DomainError } from '../../common/errors';
import type { Project } from '../../common/projects/project.entity';
import type { RunState } from '../../common/queue/run-state';
import type { Run, RunDetails } from '../../common/queue/run.entity';
import { RunsRepository } from '../../common/queue/runs.repository';
import { text } from '../../locales/text';
import { parameterViews, type StoredManifest } from '../show/run-facts';
import { stateWord } from '../views/elements';
import { compareStatements, type ComparedLine, type JoinedTable, type Statement } from './comparison';
import { RunOutputs, type ComparedPicture, type OutputsOfRun } from './run-outputs';

/** What `views/compare/compare.hbs` shows. */
export interface ComparePageView {
  title: string;
  project: { id: string; name: string };
  /** Those that are compared; fewer than two while they are still to be chosen. */
  runs: { id: number; title: string; state: RunState }[];
  /** Runs of the project to choose from, the latest first. */
  choices: { id: number; title: string; state: RunState; atMs: number; isChosen: boolean }[];
  parameters: ComparedLine[];
  facts: ComparedLine[];
  pictures: ComparedPicture[];
  tables: { title: string; joined: JoinedTable; isPart: boolean }[];
  onlyDifferences: boolean;
  /** This comparison with all lines, and with those that differ; below the base path. */
  comparison: { all: string; differences: string };
  /** How many lines were left out because all runs agree. */
  alike: number;
  most: number;
}

/** What the address asks for. */
export interface ComparisonWish {
  runIds: number[];
  onlyDifferences: boolean;
  /** Column that names rows. */
  key: string;
}

export const MOST_COMPARED = 6;
const MOST_CHOICES = 60;

/** Runs of a project beside each other: what they were given, what they took, and what came of them. */
@Injectable()
export class ComparePage {
  constructor(
    private readonly runs: RunsRepository,
    private readonly outputs: RunOutputs,
  ) {}

  async of(project: Project, { runIds, onlyDifferences, key }: ComparisonWish): Promise<ComparePageView> {
    const latest = await this.runs.byProject(project.id, MOST_CHOICES);
    const found = new Map((await this.runs.findByIds(runIds)).map((run) => [run.id, run]));
    const runs = runIds.flatMap((id) => found.get(id) ?? []).filter(({ projectId }) => projectId === project.id);
    const compared = runs.length < 2 ? EMPTY : await this.compare(runs, key);
    const lines = [...compared.parameters, ...compared.facts];
    const wanted = (line: ComparedLine) => !onlyDifferences || line.differs;
    return {
      title: text('compare.title'),
      project: { id: project.id, name: project.name },
      runs: runs.map(({ id, pipelineTitle, state }) => ({ id, title: pipelineTitle, state })),
      choices: latest.map((run) => choiceOf(run, runIds)),
      ...compared,
      parameters: compared.parameters.filter(wanted),
      facts: compared.facts.filter(wanted),
      onlyDifferences,
      comparison: { all: addressOf(project, runs, {}), differences: addressOf(project, runs, { only: 'differences' }) },
      alike: onlyDifferences ? lines.filter(({ differs }) => !differs).length : 0,
      most: MOST_COMPARED,
    };
  }

  private async compare(runs: readonly Run[], key: string): Promise<Pick<ComparePageView, keyof typeof EMPTY>> {
    const details = await Promise.all(runs.map((run) => this.runs.details(run.id)));
    const outputs = await Promise.all(runs.map((run, index) => this.outputsOf(run, details[index])));
    return {
      parameters: compareStatements(details.map((one) => (one ? parameterStatements(one) : []))),
      facts: compareStatements(runs.map((run, index) => factStatements(run, details[index], outputs[index]))),
      pictures: this.outputs.picturesBesides(outputs),
      tables: await this.outputs.joinTables(outputs, key),
    };
  }

  /** Null where the results are gone. */
  private async outputsOf(run: Run, details: RunDetails | null): Promise<OutputsOfRun | null> {
    try {
      return await this.outputs.of(run, (details?.manifest as StoredManifest | undefined)?.outputs ?? []);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

const EMPTY = { parameters: [], facts: [], pictures: [], tables: [] } satisfies Partial<ComparePageView>;

function addressOf(project: Project, runs: readonly Run[], query: Record<string, string>): string {
  const search = new URLSearchParams([...runs.map(({ id }): [string, string] => ['run', String(id)]), ...Object.entries(query)]);
  return `/projects/${project.id}/compare?${search.toString()}`;
}

function choiceOf(run: Run, chosen: readonly number[]): ComparePageView['choices'][number] {
  const { id, pipelineTitle, state, finishedMs, startedMs, requestedMs } = run;
  return { id, title: pipelineTitle, state, atMs: finishedMs ?? startedMs ?? requestedMs, isChosen: chosen.includes(id) };
}

function parameterStatements(details: RunDetails): Statement[] {
  return parameterViews(details).map(({ name, label, values, unit, table }) => {
    const all = table ? table.rows.map((row) => row.join(' · ')) : values;
    return { key: name, label: unit === '' ? label : `${label} (${unit})`, values: all };
  });
}

/** What is known of the run itself. Times are no lines: they always differ, and that says nothing. */
function factStatements(run: Run, details: RunDetails | null, outputs: OutputsOfRun | null): Statement[] {
  const { version, digest } = (details?.manifest ?? {}) as StoredManifest;
  const fact = (key: Parameters<typeof text>[0], value: string | null | undefined): Statement[] =>
    value === null || value === undefined || value === '' ? [] : [{ key, label: text(key), values: [value] }];
  return [
    ...fact('compare.pipeline', run.pipelineTitle),
    ...fact('compare.version', version),
    ...fact('compare.digest', digest?.sha256.slice(0, 12)),
    ...fact('compare.state', stateWord(run.state)),
    ...fact('compare.note', run.state === 'succeeded' ? '' : run.note),
    ...fact('compare.runner', run.runnerName),
    ...fact('compare.files', outputs && text('compare.filesOf', { count: outputs.count, size: formatBytes(outputs.bytes) })),
  ];
}
