/** An entity of a crate. */
export interface Entity extends Record<string, unknown> {
  '@id': string;
  '@type': string | string[];
}

interface Crate {
  /** The text of `ro-crate-metadata.json`. */
  metadata: string;
  /** Names of the other files of the archive, and their sizes. */
  files: ReadonlyMap<string, number>;
}

/** Terms of schema.org and of the two contexts that our crates may use; a term that no context defines says nothing to anybody. */
const TERMS = new Set(
  (
    '@id @type about actionStatus additionalProperty additionalType agent alternateName conformsTo containerImage contentSize ' +
    'dateModified datePublished defaultValue description encodingFormat endTime error exampleOfWork hasPart identifier input instrument ' +
    'license location mainEntity mentions multipleValues name object output programmingLanguage registry result sha256 ' +
    'softwareVersion startTime tag unitText value valueRequired version'
  ).split(' '),
);
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?\+\d{2}:\d{2}$/;
const WORKFLOW_TYPES = ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'];
const PARAMETER_TYPES = ['File', 'Dataset', 'Collection', 'Text', 'Integer', 'Float', 'Boolean', 'PropertyValue'];
const STATUSES = ['http://schema.org/CompletedActionStatus', 'http://schema.org/FailedActionStatus'];

/**
 * Checks a crate as a validator does: what RO-Crate 1.1, Workflow RO-Crate 1.0, and Process and Workflow Run Crate 0.5 require, and what
 * they recommend.
 * @returns a sentence for each fault.
 */
export function faultsOfCrate({ metadata, files }: Crate): string[] {
  const document = JSON.parse(metadata) as { '@context': unknown; '@graph': Entity[] };
  const graph = document['@graph'];
  const known = new Map(graph.map((entity) => [entity['@id'], entity]));
  const faults: string[] = [];
  const want = (holds: unknown, fault: string): void => void (holds || faults.push(fault));
  want(Object.keys(document).toSorted().join() === '@context,@graph', 'the document has more than a context and a graph');
  want(known.size === graph.length, 'an entity is described twice');
  for (const entity of graph) faults.push(...faultsOfEntity(entity, known));
  const root = known.get('./');
  if (!root) return [...faults, 'there is no root'];
  faults.push(...faultsOfRoot(root, known.get('ro-crate-metadata.json'), known), ...faultsOfFiles(root, known, files));
  const actions = graph.filter((entity) => isA(entity, 'CreateAction'));
  want(actions.length === 1, 'there is not one action');
  for (const action of actions) faults.push(...faultsOfAction(action, root, known));
  faults.push(...faultsOfWorkflow(known.get(idsOf(root['mainEntity'])[0] ?? ''), graph, known));
  return faults;
}

function faultsOfEntity(entity: Entity, known: ReadonlyMap<string, Entity>): string[] {
  const name = entity['@id'];
  const faults = Object.keys(entity)
    .filter((key) => !TERMS.has(key))
    .map((key) => `${name}: no context has ${key}`);
  for (const [key, value] of Object.entries(entity)) {
    for (const one of [value].flat()) {
      if (typeof one !== 'object' || one === null) continue;
      if (Object.keys(one).join() !== '@id') faults.push(`${name}: ${key} is not flat`);
      const id = (one as Entity)['@id'];
      if (!known.has(id) && !/^https?:/.test(id)) faults.push(`${name}: ${key} refers to ${id}, which is not described`);
    }
    if (value === null || value === undefined || value === '') faults.push(`${name}: ${key} is empty`);
  }
  if (/[\s<>"\\^`{|}]/.test(name) || !isDecodable(name)) faults.push(`${name}: no URI`);
  if (!/^https?:/.test(name) && !('name' in entity) && name !== 'ro-crate-metadata.json') faults.push(`${name}: has no name`);
  return faults;
}

function faultsOfRoot(root: Entity, descriptor: Entity | undefined, known: ReadonlyMap<string, Entity>): string[] {
  const faults: string[] = [];
  const want = (holds: unknown, fault: string): void => void (holds || faults.push(fault));
  want(isA(descriptor, 'CreativeWork') && idsOf(descriptor?.['about']).join() === './', 'the descriptor is not about the root');
  want(idsOf(descriptor?.['conformsTo']).includes('https://w3id.org/ro/crate/1.1'), 'the descriptor says no version');
  want(isA(root, 'Dataset'), 'the root is no Dataset');
  for (const key of ['name', 'description', 'license']) want(typeof root[key] === 'string', `the root has no ${key}`);
  want(ISO_TIME.test(textOf(root['datePublished'])), 'datePublished is no time');
  const profiles = ['https://w3id.org/ro/wfrun/process/0.5', 'https://w3id.org/ro/wfrun/workflow/0.5'];
  for (const id of [...profiles, 'https://w3id.org/workflowhub/workflow-ro-crate/1.0']) {
    want(idsOf(root['conformsTo']).includes(id), `the root does not conform to ${id}`);
    want(isA(known.get(id), 'CreativeWork') && known.get(id)?.['version'], `${id} is not described`);
  }
  return faults;
}

function faultsOfFiles(root: Entity, known: ReadonlyMap<string, Entity>, files: Crate['files']): string[] {
  const faults: string[] = [];
  const parts = idsOf(root['hasPart']);
  for (const id of parts) {
    const entity = known.get(id);
    if (!isA(entity, 'File')) faults.push(`${id}: a part that is no File`);
    const size = files.get(decodeURIComponent(id));
    if (size === undefined) faults.push(`${id}: not in the archive`);
    if (entity?.['contentSize'] !== String(size)) faults.push(`${id}: its size is ${String(size)}, not ${textOf(entity?.['contentSize'])}`);
    if (id.startsWith('/') || id.split('/').includes('..')) faults.push(`${id}: leads out of the crate`);
  }
  const described = new Set(parts.map(decodeURIComponent));
  for (const name of files.keys()) if (name !== 'ro-crate-metadata.json' && !described.has(name)) faults.push(`${name}: not described`);
  for (const entity of known.values()) {
    const isHere = isA(entity, 'File') && !/^(#|https?:)/.test(entity['@id']);
    if (isHere && !parts.includes(entity['@id'])) faults.push(`${entity['@id']}: is no part of the root`);
    const { sha256 } = entity;
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(textOf(sha256))) faults.push(`${entity['@id']}: no SHA-256`);
  }
  return faults;
}

function faultsOfAction(action: Entity, root: Entity, known: ReadonlyMap<string, Entity>): string[] {
  const faults: string[] = [];
  const want = (holds: unknown, fault: string): void => void (holds || faults.push(fault));
  want(idsOf(root['mentions']).includes(action['@id']), 'the root does not mention the action');
  want(idsOf(action['instrument']).join() === idsOf(root['mainEntity']).join(), 'the instrument is not the main entity');
  want(isA(known.get(idsOf(action['agent'])[0] ?? ''), 'Person'), 'the agent is no Person');
  for (const key of ['name', 'description']) want(action[key], `the action has no ${key}`);
  want(ISO_TIME.test(textOf(action['endTime'])), 'endTime is no time');
  want(action['startTime'] === undefined || ISO_TIME.test(textOf(action['startTime'])), 'startTime is no time');
  want(STATUSES.includes(textOf(action['actionStatus'])), 'the status is none');
  want(action['error'] === undefined || action['actionStatus'] === STATUSES[1], 'an action that did not fail has an error');
  for (const id of [...idsOf(action['object']), ...idsOf(action['result'])]) {
    want(isA(known.get(id), 'File') || isA(known.get(id), 'PropertyValue'), `${id}: neither a File nor a PropertyValue`);
  }
  for (const id of idsOf(action['containerImage'])) {
    const image = known.get(id);
    want(isA(image, 'ContainerImage'), `${id}: no ContainerImage`);
    for (const key of ['additionalType', 'registry', 'name']) want(image?.[key], `${id}: has no ${key}`);
  }
  return faults;
}

function faultsOfWorkflow(workflow: Entity | undefined, graph: readonly Entity[], known: ReadonlyMap<string, Entity>): string[] {
  const faults: string[] = [];
  const want = (holds: unknown, fault: string): void => void (holds || faults.push(fault));
  for (const type of WORKFLOW_TYPES) want(isA(workflow, type), `the workflow is no ${type}`);
  want(isA(known.get(idsOf(workflow?.['programmingLanguage'])[0] ?? ''), 'ComputerLanguage'), 'the language of the workflow is none');
  const formal = new Set([...idsOf(workflow?.['input']), ...idsOf(workflow?.['output'])]);
  for (const parameter of graph.filter((entity) => isA(entity, 'FormalParameter'))) {
    const id = parameter['@id'];
    want(formal.has(id), `${id}: neither input nor output`);
    want(PARAMETER_TYPES.includes(textOf(parameter['additionalType'])), `${id}: of no type`);
  }
  for (const id of formal) want(isA(known.get(id), 'FormalParameter'), `${id}: no FormalParameter`);
  for (const entity of graph) {
    for (const id of idsOf(entity['exampleOfWork'])) want(formal.has(id), `${entity['@id']}: an example of ${id}, which is no parameter`);
  }
  return faults;
}

function isA(entity: Entity | undefined, type: string): boolean {
  return entity !== undefined && [entity['@type']].flat().includes(type);
}

function idsOf(value: unknown): string[] {
  return [value].flat().flatMap((one) => (typeof one === 'object' && one !== null ? [(one as Entity)['@id']] : []));
}

/** Nothing else than a text counts. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isDecodable(name: string): boolean {
  try {
    decodeURIComponent(name);
    return true;
  } catch {
    return false;
  }
}
