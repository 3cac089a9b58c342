import { createHash } from 'node:crypto';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { ShowStage } from './show-stage';

interface Entity extends Record<string, unknown> {
  '@id': string;
  '@type': string | string[];
}

const PARAMETERS = [
  { name: 'sigma', type: 'number', label: 'Smoothing', unit: 'px', default: 1 },
  { name: 'image', type: 'file', label: 'Image' },
] as never;

describe('a run as RO-Crate', () => {
  let stage: ShowStage;
  let id: number;
  let files: Map<string, Buffer>;
  let graph: Entity[];

  beforeAll(async () => {
    stage = await ShowStage.open();
    id = await stage.ended(
      { 'cells.csv': 'cell,area\n1,2\n', 'sub dir/Größe #1.txt': 'x' },
      { log: 'well done' },
      { parameters: { sigma: '2.5', image: 'project:a b.tif' }, manifest: { version: '1.2.3', parameters: PARAMETERS } },
    );
    // Whoever asks for checksums gets them into the crate.
    const checksum = await stage.owner.postForm(
      `/projects/${stage.project.id}/files/checksum`,
      { path: `runs/${id}/cells.csv` },
      { page: '/projects' },
    );
    expect(checksum.status).toBe(303);
    const { status, type, body } = await stage.bytes(`/runs/${id}/crate`);
    expect([status, type]).toEqual([200, 'application/zip']);
    const reader = new ZipReader(new Uint8ArrayReader(body));
    files = new Map();
    for (const entry of await reader.getEntries()) {
      if (!entry.directory) files.set(entry.filename, Buffer.from(await entry.getData(new Uint8ArrayWriter())));
    }
    graph = (JSON.parse(files.get('ro-crate-metadata.json')?.toString() ?? '') as { '@graph': Entity[] })['@graph'];
  });
  afterAll(() => stage.close());

  const entity = (name: string) => graph.find((one) => one['@id'] === name);

  it('holds the results, the pipeline as it was, and the metadata', () => {
    expect([...files.keys()].toSorted()).toEqual([
      'pipeline.json',
      'results/cells.csv',
      'results/sub dir/Größe #1.txt',
      'ro-crate-metadata.json',
    ]);
    expect(files.get('results/cells.csv')?.toString()).toBe('cell,area\n1,2\n');
    expect(JSON.parse(files.get('pipeline.json')?.toString() ?? '')).toMatchObject({ version: '1.2.3' });
  });

  it('says what it is, and names each thing once', () => {
    expect(entity('ro-crate-metadata.json')).toMatchObject({
      '@type': 'CreativeWork',
      about: { '@id': './' },
      conformsTo: { '@id': 'https://w3id.org/ro/crate/1.1' },
    });
    expect(entity('./')).toMatchObject({ '@type': 'Dataset', mainEntity: { '@id': 'pipeline.json' }, mentions: { '@id': `#run-${id}` } });
    expect((entity('./')!['conformsTo'] as Entity[]).map((one) => one['@id'])).toContain('https://w3id.org/ro/wfrun/workflow/0.5');
    for (const key of ['name', 'description', 'datePublished', 'license']) expect(entity('./')).toHaveProperty(key, expect.any(String));
    const ids = graph.map((one) => one['@id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing that it does not describe', () => {
    const described = new Set(graph.map((one) => one['@id']));
    const referred = JSON.stringify(graph.map(({ '@id': _id, ...rest }) => rest)).matchAll(/"@id":"([^"]+)"/g);
    const strange = [...referred].map(([, name]) => name).filter((name) => !described.has(name) && !/^https?:/.test(name));
    expect(strange).toEqual([]);
  });

  it('describes each file of the archive under its address there', () => {
    const described = (entity('./')!['hasPart'] as Entity[]).map((one) => decodeURIComponent(one['@id']));
    expect(described.toSorted()).toEqual([...files.keys()].filter((name) => name !== 'ro-crate-metadata.json').toSorted());
    const sha256 = createHash('sha256').update('cell,area\n1,2\n').digest('hex');
    expect(entity('results/cells.csv')).toMatchObject({ '@type': 'File', contentSize: 14, sha256 });
    expect(entity('results/sub%20dir/Gr%C3%B6%C3%9Fe%20%231.txt')).toMatchObject({ contentSize: 1 });
  });

  it('tells who ran what with which values', () => {
    expect(entity(`#run-${id}`)).toMatchObject({
      '@type': 'CreateAction',
      instrument: { '@id': 'pipeline.json' },
      agent: { '@id': '#requester' },
      actionStatus: { '@id': 'http://schema.org/CompletedActionStatus' },
      startTime: expect.stringMatching(/^\d{4}-.*Z$/),
      location: 'ws-core-1',
    });
    expect(entity('pipeline.json')).toMatchObject({ version: '1.2.3', '@type': expect.arrayContaining(['ComputationalWorkflow']) });
    expect(entity(`#run-${id}-value-sigma`)).toMatchObject({ value: '2.5', unitText: 'px', exampleOfWork: { '@id': '#parameter-sigma' } });
  });

  it('is there only when the run is over', async () => {
    const { id: running } = await stage.running();
    expect((await stage.owner.get(`/runs/${running}/crate`)).status).toBe(409);
  });

  it('tells why a run failed', async () => {
    const failed = await stage.ended({ 'a.txt': 'a' }, { state: 'failed', exitCode: 3, note: 'It ended with exit status 3.' });
    const { body } = await stage.bytes(`/runs/${failed}/crate`);
    const text = body.toString();
    expect(text).toContain('http://schema.org/FailedActionStatus');
    expect(text).toContain('It ended with exit status 3.');
  });
});
