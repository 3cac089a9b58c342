import type { CrateFacts, CrateFile } from './crate-facts';

/** An entity of JSON-LD. */
type Entity = { '@id': string; '@type': string | string[] } & Record<string, unknown>;

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

/** The metadata of a Workflow Run Crate (RO-Crate 1.1): who ran which pipeline with which values and files, when, where, and what came of it. */
export function crateMetadata(facts: CrateFacts, files: readonly CrateFile[]): object {
  const parts = files.map(fileEntity);
  const inputs = inputEntities(facts);
  const values = valueEntities(facts);
  const graph: Entity[] = [
    { '@id': METADATA_FILE, '@type': 'CreativeWork', about: { '@id': './' }, conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' } },
    rootEntity(facts, parts),
    ...PROFILES.map(([id, name, version]): Entity => ({ '@id': id, '@type': 'CreativeWork', name, version })),
    workflowEntity(facts),
    { '@id': '#showrunner', '@type': 'SoftwareApplication', name: 'Showrunner', softwareVersion: facts.version },
    actionEntity(facts, [...inputs, ...values], parts),
    { '@id': '#requester', '@type': 'Person', name: facts.requester },
    ...(facts.record.image ? [imageEntity(facts.record.image)] : []),
    ...formalParameters(facts),
    ...inputs,
    ...values,
    ...parts,
  ];
  return { '@context': CONTEXT, '@graph': graph };
}

function rootEntity({ run }: CrateFacts, parts: readonly Entity[]): Entity {
  return {
    '@id': './',
    '@type': 'Dataset',
    name: `${run.pipelineTitle}, run ${run.id}`,
    description: `Results of run ${run.id} of the pipeline ${run.pipelineTitle}, with what they were made from.`,
    datePublished: isoTime(run.finishedMs ?? run.requestedMs),
    license: 'No licence is stated: ask whoever gave you this.',
    conformsTo: PROFILES.map(([id]) => ({ '@id': id })),
    hasPart: references([{ '@id': PIPELINE_FILE }, ...parts]),
    mainEntity: { '@id': PIPELINE_FILE },
    mentions: { '@id': actionId(run) },
  };
}

function workflowEntity({ run, record: { manifest } }: CrateFacts): Entity {
  return {
    '@id': PIPELINE_FILE,
    '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow', 'HowTo'],
    name: run.pipelineTitle,
    identifier: run.pipelineId,
    encodingFormat: 'application/json',
    programmingLanguage: { '@id': '#showrunner' },
    ...(manifest.version ? { version: manifest.version } : {}),
    ...(manifest.digest ? { sha256: manifest.digest.sha256 } : {}),
    input: references(formalParameters({ record: { manifest } })),
  };
}

function actionEntity({ run, record }: CrateFacts, objects: readonly Entity[], results: readonly Entity[]): Entity {
  const hasEndedWell = ENDED_WELL.has(run.state);
  return {
    '@id': actionId(run),
    '@type': 'CreateAction',
    name: `Run ${run.id} of ${run.pipelineTitle}`,
    instrument: { '@id': PIPELINE_FILE },
    agent: { '@id': '#requester' },
    ...(run.startedMs === null ? {} : { startTime: isoTime(run.startedMs) }),
    ...(run.finishedMs === null ? {} : { endTime: isoTime(run.finishedMs) }),
    actionStatus: { '@id': `http://schema.org/${hasEndedWell ? 'CompletedActionStatus' : 'FailedActionStatus'}` },
    ...(hasEndedWell || !run.note ? {} : { error: run.note }),
    ...(run.exitCode === null ? {} : { exitCode: run.exitCode }),
    ...(run.runnerName ? { location: run.runnerName } : {}),
    ...(record.command ? { description: record.command.line } : {}),
    ...(record.image ? { containerImage: { '@id': imageId(record.image) } } : {}),
    object: references(objects),
    result: references(results),
  };
}

/** What the pipeline's form asks for. */
function formalParameters({ record: { manifest } }: { record: Pick<CrateFacts['record'], 'manifest'> }): Entity[] {
  return (manifest.parameters ?? []).map((parameter) => ({
    '@id': `#parameter-${encodeURIComponent(parameter.name)}`,
    '@type': 'FormalParameter',
    name: parameter.name,
    additionalType: parameter.type === 'file' || parameter.type === 'files' ? 'File' : 'PropertyValue',
    ...('label' in parameter && parameter.label ? { description: parameter.label } : {}),
  }));
}

function valueEntities({ run, record: { parameters, manifest } }: CrateFacts): Entity[] {
  const described = new Set((manifest.parameters ?? []).map(({ name }) => name));
  return parameters.map(({ name, label, values, unit, table }) => {
    const all = table ? table.rows.map((row) => row.join('\t')) : values;
    return {
      '@id': `#run-${run.id}-value-${encodeURIComponent(name)}`,
      '@type': 'PropertyValue',
      name,
      description: label,
      value: all.length === 1 ? all[0] : all,
      ...(unit ? { unitText: unit } : {}),
      ...(described.has(name) ? { exampleOfWork: { '@id': `#parameter-${encodeURIComponent(name)}` } } : {}),
    };
  });
}

/** Files that the run read are named and not in the crate. */
function inputEntities({ run, record: { inputs } }: CrateFacts): Entity[] {
  return (inputs?.files ?? []).map(({ name, size, sha256 }, index) => ({
    '@id': `#run-${run.id}-input-${index + 1}`,
    '@type': 'File',
    name,
    contentSize: size,
    ...(sha256 ? { sha256 } : {}),
  }));
}

function fileEntity({ path, size, mtimeMs, sha256 }: CrateFile): Entity {
  return {
    '@id': path.split('/').map(encodeURIComponent).join('/'),
    '@type': 'File',
    name: path.split('/').at(-1),
    contentSize: size,
    dateModified: isoTime(mtimeMs),
    ...(sha256 ? { sha256 } : {}),
  };
}

function imageEntity(image: NonNullable<CrateFacts['record']['image']>): Entity {
  return { '@id': imageId(image), '@type': 'ContainerImage', name: image.name, sha256: image.digest.replace(/^.*sha256:/, '') };
}

function imageId({ name }: { name: string }): string {
  return `#image-${encodeURIComponent(name)}`;
}

function actionId({ id }: CrateFacts['run']): string {
  return `#run-${id}`;
}

function references(entities: readonly { '@id': string }[]): { '@id': string }[] {
  return entities.map((entity) => ({ '@id': entity['@id'] }));
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
