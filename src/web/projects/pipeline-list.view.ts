import { accepts } from '../../common/pipelines/accept';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { requiredAtFirst } from '../../common/pipelines/parameters';
import type { Obstacle } from '../../common/waiting/waiting-reason';
import { reasonInWords } from '../../common/waiting/waiting-words';
import { text } from '../../locales/text';

/** A pipeline as the side of a project shows it: ready, or what it still needs, of files and of runners. */
export interface PipelineLine {
  id: string;
  title: string;
  icon: string;
  isReady: boolean;
  /** Its files are there, and no runner takes it. */
  isHindered: boolean;
  sentence: string;
}

/** Named in a sentence; more would be a wall of dots. */
const MOST_ENDINGS = 4;

type FileParameter = Extract<Parameter, { type: 'file' | 'files' }>;

/**
 * Pipelines that are ready come first, then those for which only a runner is missing.
 * @param fileNames names of people's own files in the project: what is counted.
 * @param obstacles what keeps any run of a pipeline from starting, by its id.
 * @param otherNames names of other files that could be inputs: results of runs, and the inbox.
 */
export function pipelineLines(
  manifests: readonly Manifest[],
  fileNames: readonly string[],
  obstacles: ReadonlyMap<string, Obstacle>,
  otherNames: readonly string[] = [],
): PipelineLine[] {
  const lines = manifests.map((manifest): PipelineLine => {
    const { id, title, icon } = manifest;
    return { id, title, icon, ...readiness(manifest, fileNames, otherNames, obstacles.get(id)) };
  });
  const place = ({ isReady, isHindered }: PipelineLine) => (isReady ? 0 : isHindered ? 1 : 2);
  return lines.sort((one, other) => place(one) - place(other));
}

function readiness(
  manifest: Manifest,
  fileNames: readonly string[],
  otherNames: readonly string[],
  obstacle: Obstacle | undefined,
): Pick<PipelineLine, 'isReady' | 'isHindered' | 'sentence'> {
  const required = requiredAtFirst(manifest.parameters);
  const wanted = manifest.parameters.filter(isFileParameter).filter(({ name }) => required.has(name));
  const missing = missingFiles(wanted, [...fileNames, ...otherNames]);
  const count = wanted.length > 0 ? countAccepted(wanted[0], fileNames) : 0;
  const found = count > 0 ? text('projects.filesFound', { count }) : '';
  const standing = obstacle ? reasonInWords(obstacle, false, true) : text('projects.ready');
  const sentences = missing === null ? [found, standing] : [missing, obstacle ? standing : ''];
  return {
    isReady: missing === null && !obstacle,
    isHindered: missing === null && obstacle !== undefined,
    sentence: sentences.filter((sentence) => sentence !== '').join(' '),
  };
}

/** Which files have to come first; null for none. */
function missingFiles(wanted: readonly FileParameter[], fileNames: readonly string[]): string | null {
  for (const parameter of wanted) {
    const least = parameter.type === 'files' ? Math.max(1, parameter.minItems) : 1;
    if (countAccepted(parameter, fileNames) < least) return needs(parameter, least);
  }
  return null;
}

function isFileParameter(parameter: Parameter): parameter is FileParameter {
  return parameter.type === 'file' || parameter.type === 'files';
}

function countAccepted(parameter: FileParameter, fileNames: readonly string[]): number {
  return fileNames.filter((name) => accepts(parameter.accept, name)).length;
}

function needs(parameter: FileParameter, least: number): string {
  if (parameter.accept.length === 0 || least > 1) return text('projects.needsFiles', { count: least });
  const key = parameter.accept.length > MOST_ENDINGS ? 'projects.needsAcceptedLike' : 'projects.needsAccepted';
  return text(key, { endings: parameter.accept.slice(0, MOST_ENDINGS).join(', ') });
}
