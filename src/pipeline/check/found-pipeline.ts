import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { AppConfig } from '../../common/config/app-config';
import { StartupError } from '../../common/errors';
import type { Pipeline } from '../../common/pipelines/manifest';
import { PipelineReader } from '../../common/pipelines/pipeline-reader';
import type { Sample } from '../../common/pipelines/sample-schema';
import { readSamplesFile, samplesOf } from '../../common/pipelines/samples';
import { EXIT } from '../exit';
import { namesPipeline } from '../new-pipeline';
import { faultOf, type Fault } from './fault';

/** A pipeline without faults, and what it says of itself. */
export interface FoundPipeline {
  pipeline: Pipeline;
  /** The file that describes it, relative to the folder of pipelines. */
  file: string;
  samples: Sample[];
  /** Absolute folder that the files of samples are relative to. */
  samplesFolder: string;
}

const MOST_SAMPLES_BYTES = 256 * 1024;

/**
 * Finds a pipeline by its name in PIPELINES_DIR, or by a path.
 * @throws StartupError when there is none.
 */
export async function findPipeline({ settings, pipelineVariables }: AppConfig, name: string): Promise<FoundPipeline | Fault[]> {
  const isPath = name.includes(sep) || name === '.' || name === '..';
  // The folder is meant, whichever of the two is named.
  const path = isPath ? resolve(name).replace(/\/pipeline\.ya?ml$/, '') : null;
  const root = path === null ? settings.PIPELINES_DIR : dirname(path);
  const entries = await readdir(root).catch(() => []);
  const entry = path === null ? entries.find((one) => namesPipeline(one, name)) : entries.find((one) => one === basename(path));
  const reader = new PipelineReader(root, settings.SCRIPT_PREFIX, pipelineVariables);
  const reading = entry === undefined ? null : await reader.read(entry);
  if (entry === undefined || reading === null) throw new StartupError(`There is no pipeline ${name} in ${root}.`, EXIT.data);
  if ('broken' in reading) return reading.broken.faults.map((fault) => faultOf(reading.broken.file, fault));
  const { wordFaults = [] } = reading.pipeline;
  if (wordFaults.length > 0) return wordFaults.map((fault) => faultOf(entry, fault));
  return withSamples(reading.pipeline, root, entry);
}

async function withSamples(pipeline: Pipeline, root: string, entry: string): Promise<FoundPipeline | Fault[]> {
  const { folder, manifest } = pipeline;
  const isFolder = (await stat(join(root, entry))).isDirectory();
  const samplesFolder = await realpath(isFolder ? join(root, entry) : root);
  const manifestName = isFolder ? await firstThere(folder, ['pipeline.yaml', 'pipeline.yml']) : null;
  if (manifestName !== null) {
    const samples = samplesOf((await readFile(join(folder, manifestName), 'utf8')).replace(/^\u{feff}/u, ''));
    return { pipeline, file: `${entry}/${manifestName}`, samples, samplesFolder };
  }
  // A script has no place for them, so they lie beside it.
  const beside = isFolder ? 'samples.yaml' : `${manifest.id}.samples.yaml`;
  const file = isFolder ? `${entry}/${beside}` : beside;
  if ((await firstThere(samplesFolder, [beside])) === null) return { pipeline, file: entry, samples: [], samplesFolder };
  const source = await readFile(join(samplesFolder, beside));
  const samples =
    source.length > MOST_SAMPLES_BYTES ? ['It is larger than 256 KiB.'] : readSamplesFile(source.toString('utf8'), manifest.parameters);
  return isFaults(samples) ? samples.map((fault) => faultOf(file, fault)) : { pipeline, file, samples, samplesFolder };
}

function isFaults(samples: Sample[] | string[]): samples is string[] {
  return typeof samples[0] === 'string';
}

async function firstThere(folder: string, names: readonly string[]): Promise<string | null> {
  for (const name of names) {
    const found = await stat(join(folder, name)).catch(() => null);
    if (found?.isFile()) return name;
  }
  return null;
}
