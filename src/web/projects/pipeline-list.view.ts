import { accepts } from '../../common/pipelines/accept';
import type { Manifest, Parameter } from '../../common/pipelines/manifest';
import { requiredAtFirst } from '../../common/pipelines/parameters';
import { groupsOfEach } from '../../common/pipelines/pattern';
import type { Obstacle } from '../../common/waiting/waiting-reason';
import { reasonInWords } from '../../common/waiting/waiting-words';
import { formatNumber } from '../../locales/formats';
import { sentencesInRow } from '../../locales/joined';
import { text } from '../../locales/text';
import type { OpenPipeline } from '../http/access/open-pipelines';

/** A pipeline as the side of a project shows it: ready, or what it still needs, of files and of runners. */
export interface PipelineLine {
  id: string;
  title: string;
  icon: string;
  isReady: boolean;
  /** No runner takes it, whatever files are there. */
  isHindered: boolean;
  sentence: string;
}

/** Named in a sentence; more would be a wall of dots. */
const MOST_ENDINGS = 4;

type FileParameter = Extract<Parameter, { type: 'file' | 'files' }>;

/**
 * Pipelines that are ready come first, then those that only need files: these are the reader's to add, and a runner is not.
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
  const place = ({ isReady, isHindered }: PipelineLine) => (isReady ? 0 : isHindered ? 2 : 1);
  return lines.sort((one, other) => place(one) - place(other));
}

/** What is off is ready for nobody. @param notes what is told of pipelines that are off, by their ids. */
export function whileOff<Line extends PipelineLine>(lines: readonly Line[], notes: ReadonlyMap<string, string>): Line[] {
  const marked = lines.map((line) => {
    const note = notes.get(line.id);
    return note === undefined ? line : { ...line, isReady: false, isHindered: true, sentence: offInWords(note) };
  });
  return [...marked.filter(({ id }) => !notes.has(id)), ...marked.filter(({ id }) => notes.has(id))];
}

/** @param note of an administrator; '' for none. */
export function offInWords(note: string): string {
  return note === '' ? text('projects.pipelineOff') : text('projects.pipelineOffNote', { note });
}

/** Of the pipelines that are off: what is told of them, by their ids. */
export function offNotes(pipelines: readonly OpenPipeline[]): Map<string, string> {
  return new Map(
    pipelines.flatMap(({ pipeline, offNote }): [string, string][] => (offNote === null ? [] : [[pipeline.manifest.id, offNote]])),
  );
}

/** In a full space no run is accepted, however ready its pipeline is. */
export function whileFull<Line extends PipelineLine>(lines: readonly Line[]): Line[] {
  return lines.map((line) => (line.isReady ? { ...line, isReady: false, sentence: text('projects.readyWhenSpace') } : line));
}

function readiness(
  manifest: Manifest,
  fileNames: readonly string[],
  otherNames: readonly string[],
  obstacle: Obstacle | undefined,
): Pick<PipelineLine, 'isReady' | 'isHindered' | 'sentence'> {
  const required = requiredAtFirst(manifest.parameters);
  const wanted = manifest.parameters.filter(isFileParameter).filter(({ name }) => required.has(name));
  const names = [...fileNames, ...otherNames];
  const missing = missingFiles(wanted, names) ?? missingForRows(manifest, required, names);
  const count = wanted.length > 0 ? countAccepted(wanted[0], fileNames) : 0;
  const found = count > 0 ? text('projects.filesFound', { count, shown: formatNumber(count) }) : '';
  const standing = obstacle ? obstacleInWords(obstacle) : text('projects.ready');
  const sentences = missing === null ? [found, standing] : [obstacle ? standing : '', missing];
  return {
    isReady: missing === null && !obstacle,
    isHindered: obstacle !== undefined,
    sentence: sentencesInRow(...sentences),
  };
}

/** People who cannot change it read first that it is not theirs to change. */
export function obstacleInWords(obstacle: Obstacle): string {
  const reason = reasonInWords(obstacle, false, true);
  return obstacle.kind === 'engine' ? text('projects.notHere', { reason }) : reason;
}

/** Which files have to come first; null for none. */
function missingFiles(wanted: readonly FileParameter[], fileNames: readonly string[]): string | null {
  for (const parameter of wanted) {
    const least = parameter.type === 'files' ? Math.max(1, parameter.minItems) : 1;
    if (countAccepted(parameter, fileNames) < least) return needs(parameter, least);
  }
  return null;
}

/** A required table that files fill needs one of those that its source knows. */
function missingForRows(
  { parameters, sources = {}, takes }: Manifest,
  required: ReadonlySet<string>,
  names: readonly string[],
): string | null {
  const lastNames = names.map((name) => name.slice(name.lastIndexOf('/') + 1));
  const isEmpty = parameters.some((parameter) => {
    if (parameter.type !== 'table' || !parameter.fill || !required.has(parameter.name)) return false;
    const source = sources[parameter.fill.source];
    if (source?.kind !== 'files') return false;
    const found = groupsOfEach(source.files, lastNames);
    return found !== null && found.every((groups) => groups === null);
  });
  if (!isEmpty) return null;
  return takes ? text('projects.needsTaken', { takes }) : text('projects.needsFiles', { count: 1 });
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
