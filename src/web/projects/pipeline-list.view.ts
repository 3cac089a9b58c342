import { accepts } from '../../common/pipelines/accept';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { text } from '../../locales/text';

/** A pipeline as the side of a project shows it: ready, or what it still needs. */
export interface PipelineLine {
  id: string;
  title: string;
  icon: string;
  isReady: boolean;
  sentence: string;
}

/** Named in a sentence; more would be a wall of dots. */
const MOST_ENDINGS = 4;

type FileParameter = Extract<Parameter, { type: 'file' | 'files' }>;

/** @param fileNames names of the files that could be inputs. Pipelines that are ready come first. */
export function pipelineLines(manifests: readonly Manifest[], fileNames: readonly string[]): PipelineLine[] {
  const lines = manifests.map((manifest): PipelineLine => {
    const { id, title, icon } = manifest;
    return { id, title, icon, ...readiness(manifest, fileNames) };
  });
  return lines.sort((a, b) => Number(b.isReady) - Number(a.isReady));
}

function readiness(manifest: Manifest, fileNames: readonly string[]): Pick<PipelineLine, 'isReady' | 'sentence'> {
  const wanted = manifest.parameters.filter((parameter): parameter is FileParameter => isFileParameter(parameter) && parameter.required);
  for (const parameter of wanted) {
    const found = countAccepted(parameter, fileNames);
    const least = parameter.type === 'files' ? Math.max(1, parameter.minItems) : 1;
    if (found < least) return { isReady: false, sentence: needs(parameter, least) };
  }
  const [first] = wanted;
  if (!first) return { isReady: true, sentence: text('projects.ready') };
  return { isReady: true, sentence: text('projects.readyFiles', { count: countAccepted(first, fileNames) }) };
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
