import { showEntryName } from '../../common/files/entry-name';
import { fileEntity, isoTime, references, type Entity } from './crate-entity';
import type { CrateFacts, CrateFile } from './crate-facts';
import { inputEntities, inputSlots, outputSlots, slotOfResult, valueEntities } from './crate-parameters';

const CONTEXT = ['https://w3id.org/ro/crate/1.1/context', 'https://w3id.org/ro/terms/workflow-run/context'];
const PROFILES = [
  ['https://w3id.org/ro/wfrun/process/0.5', 'Process Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/workflow/0.5', 'Workflow Run Crate', '0.5'],
  ['https://w3id.org/workflowhub/workflow-ro-crate/1.0', 'Workflow RO-Crate', '1.0'],
] as const;
/** In the crate: the pipeline as it was, the one program that the run consists of. */
export const PIPELINE_FILE = 'pipeline.json';
export const METADATA_FILE = 'ro-crate-metadata.json';
const ENDED_WELL = new Set(['succeeded', 'partial']);
const DOCKER_IMAGE = 'https://w3id.org/ro/terms/workflow-run#DockerImage';

/** The files of a crate. */
export interface CrateContents {
  /** The pipeline as it was. */
  pipeline: CrateFile;
  /** Below the folder `results`. */
  results: readonly CrateFile[];
  /** Results that are in the archive, and not described one by one. */
  undescribed: number;
}

/** The metadata of a Workflow Run Crate (RO-Crate 1.1): who ran which pipeline with which values and files, when, where, and what came of it. */
export function crateMetadata(facts: CrateFacts, contents: CrateContents): object {
  const results = contents.results.map((file) => fileEntity(file, slotOfResult(facts.record, shownBelow(file.name))));
  const inputs = inputEntities(facts);
  const values = valueEntities(facts);
  const about = { about: { '@id': './' }, conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' } };
  const graph: Entity[] = [
    { '@id': METADATA_FILE, '@type': 'CreativeWork', ...about },
    rootEntity(facts, results, contents.undescribed),
    ...PROFILES.map(([id, name, version]): Entity => ({ '@id': id, '@type': 'CreativeWork', name, version })),
    workflowEntity(facts, contents.pipeline),
    { '@id': '#showrunner', '@type': ['ComputerLanguage', 'SoftwareApplication'], name: 'Showrunner', softwareVersion: facts.version },
    actionEntity(facts, [...inputs, ...values], results),
    { '@id': '#requester', '@type': 'Person', name: facts.requester || 'somebody who has left' },
    ...imageEntities(facts),
    ...exitEntities(facts),
    ...inputSlots(facts.record),
    ...outputSlots(facts.record),
    ...inputs,
    ...values,
    ...results,
  ];
  return { '@context': CONTEXT, '@graph': graph };
}

function rootEntity({ run }: CrateFacts, parts: readonly Entity[], undescribed: number): Entity {
  const more = undescribed === 0 ? '' : ` ${undescribed} further files are in the archive and not described here.`;
  return {
    '@id': './',
    '@type': 'Dataset',
    name: `${run.pipelineTitle}, run ${run.id}`,
    description: `Results of run ${run.id} of the pipeline ${run.pipelineTitle}, with what they were made from.${more}`,
    datePublished: isoTime(run.finishedMs ?? run.requestedMs),
    license: 'No licence is stated: ask whoever gave you this.',
    conformsTo: PROFILES.map(([id]) => ({ '@id': id })),
    hasPart: references([{ '@id': PIPELINE_FILE }, ...parts]),
    mainEntity: { '@id': PIPELINE_FILE },
    mentions: { '@id': actionId(run) },
  };
}

function workflowEntity({ run, record: { manifest } }: CrateFacts, file: CrateFile): Entity {
  return {
    ...fileEntity(file),
    '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'],
    name: run.pipelineTitle,
    // What the digest covers is all files of the pipeline, of which this one is a description.
    identifier: manifest.digest ? [run.pipelineId, `sha256:${manifest.digest.sha256}`] : run.pipelineId,
    programmingLanguage: { '@id': '#showrunner' },
    ...(manifest.version ? { version: manifest.version } : {}),
    input: references(inputSlots({ manifest })),
    output: references(outputSlots({ manifest })),
  };
}

function actionEntity(facts: CrateFacts, objects: readonly Entity[], results: readonly Entity[]): Entity {
  const { run, note, command } = facts;
  const hasEndedWell = ENDED_WELL.has(run.state);
  return {
    '@id': actionId(run),
    '@type': 'CreateAction',
    name: `Run ${run.id} of ${run.pipelineTitle}`,
    description: command ?? 'Its program was never started.',
    instrument: { '@id': PIPELINE_FILE },
    agent: { '@id': '#requester' },
    ...(run.startedMs === null ? {} : { startTime: isoTime(run.startedMs) }),
    ...(run.finishedMs === null ? {} : { endTime: isoTime(run.finishedMs) }),
    actionStatus: `http://schema.org/${hasEndedWell ? 'CompletedActionStatus' : 'FailedActionStatus'}`,
    ...(hasEndedWell || !note ? {} : { error: note }),
    ...(run.runnerName ? { location: run.runnerName } : {}),
    ...referenceTo('additionalProperty', exitEntities(facts)),
    ...referenceTo('containerImage', imageEntities(facts)),
    object: references(objects),
    result: references(results),
  };
}

function referenceTo(key: string, [entity]: readonly Entity[]): Record<string, unknown> {
  return entity ? { [key]: { '@id': entity['@id'] } } : {};
}

/** No context has a term for it. */
function exitEntities({ run: { exitCode } }: CrateFacts): Entity[] {
  return exitCode === null ? [] : [{ '@id': '#exit-status', '@type': 'PropertyValue', name: 'exit status', value: String(exitCode) }];
}

function imageEntities({ record: { image } }: CrateFacts): Entity[] {
  if (!image) return [];
  const { registry, name, tag } = partsOfImage(image.name);
  const sha256 = /[0-9a-f]{64}$/.exec(image.digest)?.[0];
  return [
    {
      '@id': '#image',
      '@type': 'ContainerImage',
      additionalType: { '@id': DOCKER_IMAGE },
      registry,
      name,
      ...(tag ? { tag } : {}),
      ...(sha256 ? { sha256 } : {}),
    },
  ];
}

/** As Docker reads it: what has a dot, a colon or the name `localhost` before the first slash is a registry. */
function partsOfImage(image: string): { registry: string; name: string; tag: string } {
  const [, path = image, tag = ''] = /^(.*?)(?::([\w.-]+))?(?:@.*)?$/.exec(image) ?? [];
  const [first = '', ...rest] = path.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return { registry: hasRegistry ? first : 'docker.io', name: hasRegistry ? rest.join('/') : path, tag };
}

/** Path below the folder of results, for people. */
function shownBelow(name: Buffer): string {
  return showEntryName(name.subarray(name.indexOf('/') + 1));
}

function actionId({ id }: CrateFacts['run']): string {
  return `#run-${id}`;
}
