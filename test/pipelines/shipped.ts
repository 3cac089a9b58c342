import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { filesFor } from '../../src/common/pipelines/argument-files/render-files';
import type { FilePlaces } from '../../src/common/pipelines/argument-files/scope';
import type { Manifest } from '../../src/common/pipelines/manifest';
import { checkParameters, type ParameterCheck } from '../../src/common/pipelines/parameters';
import { compileYaml } from '../../src/common/pipelines/pipeline-yaml';
import type { Surroundings } from '../../src/common/pipelines/surroundings';

export const SHIPPED = resolve(__dirname, '..', '..', 'config', 'pipelines');

/** A pipeline as it ships. @param variables of the installation. */
export function shipped(id: string, variables: Record<string, string> = {}): Manifest {
  const compiled = compileYaml(id, readFileSync(join(SHIPPED, id, 'pipeline.yaml'), 'utf8'), variables);
  if (Array.isArray(compiled)) throw new Error(compiled.join('\n'));
  return compiled;
}

export const PLACES: FilePlaces = {
  pathOf: (reference) => `/srv/files/${reference.slice(reference.indexOf(':') + 1)}`,
  workFolder: '/srv/files/runs/12',
  outputFolder: '/srv/files/runs/12',
  projectFolder: '/srv/files',
  runId: '12',
};

/** What every earlier run left: cells, in groups. */
const EARLIER = [
  'data/analysis/cell_data.csv',
  'data/analysis/segmentation_data.npy',
  'data/analysis/cell_segmentation_geo.json',
  'data/analysis/downstream/anndata.h5ad',
];

/** A project with any file, any earlier run, and these names in each source. */
export function around(...names: string[]): Surroundings {
  return {
    names: () => Promise.resolve({ names: new Set(names) }),
    runFault: () => Promise.resolve(undefined),
    reference: (name) => Promise.resolve(name),
    files: (run) => Promise.resolve(run === null ? [] : EARLIER),
  };
}

/** What a form says of these entries. */
export function checked(manifest: Manifest, entered: Record<string, unknown>, names: string[] = []): Promise<ParameterCheck> {
  const lookUp = (reference: string) => Promise.resolve({ name: reference.slice(reference.lastIndexOf('/') + 1).replace(/^\w+:/, '') });
  return checkParameters(manifest, entered, lookUp, around(...names));
}

/** The files that a run of these entries finds, by path. @throws when the form refuses them. */
export async function writtenFor(
  manifest: Manifest,
  entered: Record<string, unknown>,
  { names = [], places = PLACES }: { names?: string[]; places?: FilePlaces } = {},
): Promise<Record<string, string>> {
  const check = await checked(manifest, entered, names);
  if (!check.ok) throw new Error(JSON.stringify(check.errors));
  return Object.fromEntries(filesFor(manifest, check.values, places).written.map(({ path, content }) => [path, content]));
}
