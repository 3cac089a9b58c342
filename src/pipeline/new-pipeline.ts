import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { AppConfig } from '../common/config/app-config';
import { StartupError } from '../common/errors';
import { isPipelineId, readableName } from '../common/pipelines/names';
import { EXIT } from './exit';

/** Copies the template. @returns the folder of the new pipeline. @throws StartupError when the name is bad or taken. */
export async function newPipeline(config: AppConfig, name: string): Promise<string> {
  const folder = await makePipelineFolder(config, name);
  try {
    await cp(join(config.home, 'config', 'template'), folder, { recursive: true });
    const manifest = join(folder, 'pipeline.yaml');
    const source = await readFile(manifest, 'utf8');
    const titled = source.replace(/^title: .*$/m, `title: ${JSON.stringify(readableName(name))}`);
    await writeFile(manifest, titled.replace(/^# yaml-language-server: .*$/m, schemaLine(config, folder)));
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The line by which editors find the fields of a manifest in this folder. */
export function schemaLine(config: AppConfig, folder: string): string {
  return `# yaml-language-server: $schema=${relative(folder, join(config.home, 'config', 'pipeline.schema.json'))}`;
}

/** Makes the empty folder of a pipeline that is to be. @throws StartupError when the name is bad or taken. */
export async function makePipelineFolder({ settings }: AppConfig, name: string): Promise<string> {
  if (!isPipelineId(name)) {
    const rule = 'Use letters, digits, dots, hyphens and underscores, at most 80, and begin with a letter or a digit.';
    throw new StartupError(`${JSON.stringify(name)} cannot be the name of a pipeline. ${rule}`, EXIT.taken);
  }
  const root = settings.PIPELINES_DIR;
  const names = await readdir(root).catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(`The folder of pipelines cannot be read: ${root} (${error.code})`, EXIT.data);
  });
  const taken = names.find((one) => namesPipeline(one, name));
  if (taken !== undefined) throw new StartupError(`${join(root, taken)} is there already. Choose another name, or remove it.`, EXIT.taken);
  const folder = join(root, name);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new StartupError(`${folder} cannot be made (${error.code}).`, EXIT.taken);
  });
  return folder;
}

/** Whether an entry of PIPELINES_DIR is the pipeline of that name: a bare script is named without its extension. */
export function namesPipeline(entry: string, name: string): boolean {
  return entry === name || entry.replace(/(.)\.[A-Za-z0-9]{1,5}$/, '$1') === name;
}
