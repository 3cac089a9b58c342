import type { AppConfig } from '../../common/config/app-config';
import { DomainError } from '../../common/errors';
import { SafeDirectory } from '../../common/files/safe-directory';
import { renderArguments } from '../../common/pipelines/arguments';
import type { Manifest, ParameterValues } from '../../common/pipelines/manifest';
import { demandOf } from '../../common/pipelines/needs';
import { checkParameters } from '../../common/pipelines/parameters';
import { engineOf } from '../../common/pipelines/runtime';
import type { Sample } from '../../common/pipelines/sample-schema';
import { quoteWord } from '../../common/pipelines/shell-words';
import { filledIn } from '../../common/pipelines/slurm-placement';
import { commandWords, runVariables } from '../../runner/command-words';
import { MissingImageError, type Assignment } from '../../runner/executors/executor';
import { fillWorkFolder, tidyWorkFolder } from '../../runner/work-folder';
import { fileFaults } from './expected-files';
import type { FoundPipeline } from './found-pipeline';
import { openEngine } from './sample-engine';
import { SAMPLE_RUN, SampleFolder } from './sample-folder';
import { runProgram, type SampleEnd } from './sample-program';
import { SampleSurroundings } from './sample-surroundings';

/** What came of one sample. */
export interface SampleReport {
  title: string;
  /** `away`: the engine cannot be reached, or a list of names is not there yet; all before the start of the program was right. */
  result: 'passed' | 'failed' | 'away';
  /** What is not as declared, one sentence each; for `away` the reason. */
  faults: string[];
  /** Of the run, where there was one. */
  state: string | null;
  /** Its end only where the sample failed. */
  log: string | null;
  /** Left where it is when asked for. */
  folder: string | null;
  seconds: number;
}

export interface SampleOptions {
  config: AppConfig;
  /** Whether the folder stays. */
  keep: boolean;
  /** Ends the program. */
  stop: AbortSignal;
}

const LOG_TAIL = 2000;

/** Form values → checks → arguments → the real program in a folder of its own → what it left, against what is declared. */
export async function runSample(found: FoundPipeline, sample: Sample, options: SampleOptions): Promise<SampleReport> {
  const begin = performance.now();
  const folder = await SampleFolder.make();
  try {
    const outcome = await tryIn(folder, found, sample, options);
    const seconds = Math.round((performance.now() - begin) / 100) / 10;
    return { title: sample.title, ...outcome, folder: options.keep ? folder.path : null, seconds };
  } finally {
    if (!options.keep) await folder.remove();
  }
}

type Outcome = Pick<SampleReport, 'result' | 'faults' | 'state' | 'log'>;

const failed = (faults: string[]): Outcome => ({ result: 'failed', faults, state: null, log: null });

async function tryIn(folder: SampleFolder, found: FoundPipeline, sample: Sample, { config, stop }: SampleOptions): Promise<Outcome> {
  const { manifest } = found.pipeline;
  let assignment: Assignment;
  try {
    const around = new SampleSurroundings(folder, found.pipeline);
    const entries = await freshEntries(await folder.fill(sample, manifest.parameters, found.samplesFolder), manifest, around);
    const checked = await checkParameters(manifest, entries, (reference) => folder.lookUp(reference), around);
    // Without the names that others have to provide there is no telling whether the rest is right.
    if (!checked.ok && around.missing.size > 0) return { ...failed([...around.missing]), result: 'away' };
    if (!checked.ok) return failed(Object.entries(checked.errors).map(([name, sentence]) => `${name}: ${sentence}`));
    const { values } = checked;
    assignment = await fillWorkFolder(folder, { manifest, parameters: values }, await assign(folder, found, values, config));
  } catch (error) {
    if (error instanceof DomainError) return failed([error.message]);
    throw error;
  }
  const wrongWords = argumentFaults(sample, assignment, manifest.runtime.command.length);
  if (wrongWords.length > 0) return failed(wrongWords);
  const engine = await openEngine(engineOf(manifest.runtime), config, folder.runsRoot);
  if ('away' in engine) return { ...failed([engine.away]), result: 'away' };
  try {
    const end = await runProgram(engine.executor, assignment, manifest, stop);
    await tidyWorkFolder(folder, manifest);
    return await judge(sample, assignment, end, found.samplesFolder);
  } catch (error) {
    if (error instanceof MissingImageError) return { ...failed([error.message]), result: 'away' };
    throw error;
  } finally {
    await engine.close();
  }
}

/** A table that the sample says nothing of is filled from files, as it is in a fresh form. */
async function freshEntries(
  given: Readonly<Record<string, unknown>>,
  { parameters }: Manifest,
  around: SampleSurroundings,
): Promise<Record<string, unknown>> {
  const entries = { ...given };
  for (const parameter of parameters) {
    if (parameter.type !== 'table' || Object.hasOwn(entries, parameter.name)) continue;
    const rows = await around.rowsOf(parameter);
    if (rows) entries[parameter.name] = rows;
  }
  return entries;
}

async function assign(folder: SampleFolder, { pipeline }: FoundPipeline, values: ParameterValues, config: AppConfig): Promise<Assignment> {
  const { manifest } = pipeline;
  const inputs: string[] = [];
  const words = await renderArguments(manifest, values, {
    outputFolder: folder.results,
    projectFolder: folder.projectFolder,
    runId: String(SAMPLE_RUN),
    resolveFile: async (reference) => {
      const path = await folder.resolve(reference);
      inputs.push(path);
      return path;
    },
  });
  const needs = demandOf(manifest.needs, values);
  return {
    runId: SAMPLE_RUN,
    attempt: 1,
    folder: folder.control,
    runtime: filledIn(manifest.runtime, values),
    pipelineFolder: pipeline.folder,
    argv: [...commandWords(manifest, pipeline.folder), ...words],
    cwd: folder.results,
    projectFolder: folder.projectFolder,
    inputs,
    env: { ...manifest.runtime.env, ...runVariables({ id: SAMPLE_RUN, attempt: 1, needCpu: needs.cpu }, folder.results) },
    needs,
    limits: manifest.limits,
    gpuIds: [],
    timeLimitSeconds: manifest.limits.timeSeconds ?? config.settings.TIME_LIMIT,
  };
}

/** Paths are told by what they are in: `{outputFolder}` and `{projectFolder}`. */
function argumentFaults({ expect }: Sample, { argv, cwd, projectFolder }: Assignment, command: number): string[] {
  if (expect.arguments === null) return [];
  const got = argv.slice(command).map((word) => word.replaceAll(cwd, '{outputFolder}').replaceAll(projectFolder, '{projectFolder}'));
  const wanted = expect.arguments;
  const at = Array.from({ length: Math.max(got.length, wanted.length) }, (_, index) => index).find((index) => got[index] !== wanted[index]);
  if (at === undefined) return [];
  const shown = (word: string | undefined) => (word === undefined ? 'nothing' : quoteWord(word));
  return [`Argument ${at + 1} is ${shown(got[at])} where ${shown(wanted[at])} is expected. All of them: ${got.map(quoteWord).join(' ')}`];
}

async function judge({ expect }: Sample, { cwd }: Assignment, { ending, log }: SampleEnd, samplesFolder: string): Promise<Outcome> {
  const faults: string[] = [];
  const note = ending.note ? ` ${ending.note}` : '';
  if (ending.state !== expect.state) faults.push(`It ended as ${ending.state}, and ${expect.state} is expected.${note}`);
  faults.push(...(await fileFaults(expect.files, SafeDirectory.open(cwd), samplesFolder)));
  if (expect.logs !== null && !new RegExp(expect.logs, 'mu').test(log)) faults.push(`The log has nothing that matches ${expect.logs}.`);
  const isFine = faults.length === 0;
  return { result: isFine ? 'passed' : 'failed', faults, state: ending.state, log: isFine ? null : log.slice(-LOG_TAIL) };
}
