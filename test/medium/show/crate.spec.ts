import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { faultsOfCrate, type Entity } from '../../ro-crate-rules';
import { ShowStage } from './show-stage';

const PARAMETERS = [
  { name: 'sigma', type: 'number', label: 'Smoothing', unit: 'px', default: 1 },
  { name: 'image', type: 'file', label: 'Image' },
  { name: 'stack', type: 'files', label: '', required: false },
  { name: 'empty', type: 'string', label: 'Empty', default: '' },
] as never;
const OUTPUTS = [{ glob: '*.csv', kind: 'table', title: 'Cells' }] as never;
const RUNTIME = {
  kind: 'docker',
  command: ['/opt/blur 2/bin/blur', '--model=/srv/models/a.pt', 'https://example.org/a/b'],
  env: { API_TOKEN: 'hunter2' },
  mounts: [{ source: '/srv/models', target: '/models', readOnly: true }],
} as never;

const DIGEST = { sha256: 'd'.repeat(64), files: 1, bytes: 1, complete: true };
const CONTAINER = { image: 'ghcr.io/lab/blur:2.0', imageId: 'sha256:0', digest: `ghcr.io/lab/blur@sha256:${'b'.repeat(64)}` };
const INPUTS = ['a b.tif', ...Array.from({ length: 60 }, (_, index) => `stack/${index}.tif`)].map((path) => {
  return { source: 'project', path, inode: '1', size: 3, mtimeNs: '1', sha256: 'a'.repeat(64) };
});

const argvOf = (stage: ShowStage, id: number) => [
  '/opt/blur 2/bin/blur',
  '--model=/srv/models/a.pt',
  'https://example.org/a/b',
  stage.resultPath(id, '../../a b.tif').replace(/\/runs\/\d+\/\.\.\/\.\./, ''),
  's/a/b/',
  stage.resultPath(id, 'cells.csv'),
];

describe('a run as RO-Crate', () => {
  let stage: ShowStage;
  let id: number;
  let files: Map<string, Buffer>;
  let graph: Entity[];

  beforeAll(async () => {
    stage = await ShowStage.open();
    id = await stage.ended(
      { 'cells.csv': 'cell,area\n1,2\n', 'sub dir/Größe #1 100%.txt': 'x', "it's(1)!*.bin": '' },
      { log: 'well done' },
      {
        parameters: { sigma: '2.5', image: 'project:a b.tif', stack: ['project:stack'] },
        manifest: { version: '1.2.3', parameters: PARAMETERS, outputs: OUTPUTS, runtime: RUNTIME, digest: DIGEST } as never,
        engine: 'docker',
      },
    );
    await stage.writeControl(id, 'command.json', JSON.stringify({ argv: argvOf(stage, id), cwd: stage.resultPath(id) }));
    await stage.writeControl(id, '1/container.json', JSON.stringify(CONTAINER));
    await stage.writeControl(id, '1/inputs.json', JSON.stringify({ complete: true, files: INPUTS }));
    // Whoever asks for checksums gets them into the crate.
    const checksum = await stage.owner.postForm(
      `/projects/${stage.project.id}/files/checksum`,
      { path: `runs/${id}/cells.csv` },
      { page: '/projects' },
    );
    expect(checksum.status).toBe(303);
    const made = await unpack(id);
    files = made.files;
    graph = (JSON.parse(made.metadata) as { '@graph': Entity[] })['@graph'];
  });
  afterAll(() => stage.close());

  const entity = (name: string) => graph.find((one) => one['@id'] === name);

  it('holds the results, the pipeline as it was, and the metadata', () => {
    expect([...files.keys()].toSorted()).toEqual([
      'pipeline.json',
      'results/cells.csv',
      "results/it's(1)!*.bin",
      'results/sub dir/Größe #1 100%.txt',
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

  it('holds what the profiles require and recommend', () => {
    const sizes = new Map([...files].map(([name, content]) => [name, content.length]));
    expect(faultsOfCrate({ metadata: files.get('ro-crate-metadata.json')!.toString(), files: sizes })).toEqual([]);
  });

  it('tells no place of this machine, and no value of an environment', () => {
    const text = [files.get('ro-crate-metadata.json'), files.get('pipeline.json')].join('\n');
    for (const place of ['/opt', '/srv', stage.web.database.config.filesRoot, 'hunter2', 'blur 2']) expect(text).not.toContain(place);
    expect(text).toContain('API_TOKEN');
    expect(entity(`#run-${id}`)?.['description']).toBe(
      "'…/blur' '--model=…/a.pt' https://example.org/a/b 'project/a b.tif' s/a/b/ results/cells.csv",
    );
  });

  it('names each input with its checksum, and the parameter that it was given for', () => {
    expect(entity(`#run-${id}-input-1`)).toMatchObject({ name: 'a b.tif', exampleOfWork: { '@id': '#parameter-image' } });
    const last = { name: 'stack/59.tif', contentSize: '3', sha256: 'a'.repeat(64), exampleOfWork: { '@id': '#parameter-stack' } };
    expect(entity(`#run-${id}-input-61`)).toMatchObject(last);
    expect(entity(`#run-${id}-value-empty`)).toBeUndefined();
  });

  it('tells which image it ran in, and which pipeline that was', () => {
    expect(entity('#image')).toMatchObject({ registry: 'ghcr.io', name: 'lab/blur', tag: '2.0', sha256: 'b'.repeat(64) });
    const sha256 = createHash('sha256').update(files.get('pipeline.json')!).digest('hex');
    expect(entity('pipeline.json')).toMatchObject({ sha256, identifier: ['nuclei', `sha256:${DIGEST.sha256}`] });
  });

  it('describes each file of the archive under its address there', () => {
    const described = (entity('./')!['hasPart'] as Entity[]).map((one) => decodeURIComponent(one['@id']));
    expect(described.toSorted()).toEqual([...files.keys()].filter((name) => name !== 'ro-crate-metadata.json').toSorted());
    const sha256 = createHash('sha256').update('cell,area\n1,2\n').digest('hex');
    expect(entity('results/cells.csv')).toMatchObject({ '@type': 'File', contentSize: '14', sha256, encodingFormat: 'text/csv' });
    expect(entity('results/cells.csv')).toMatchObject({ exampleOfWork: { '@id': '#output-1' } });
    expect(entity('results/sub%20dir/Gr%C3%B6%C3%9Fe%20%231%20100%25.txt')).toMatchObject({ contentSize: '1' });
  });

  it('tells who ran what with which values', () => {
    expect(entity(`#run-${id}`)).toMatchObject({
      '@type': 'CreateAction',
      instrument: { '@id': 'pipeline.json' },
      agent: { '@id': '#requester' },
      actionStatus: 'http://schema.org/CompletedActionStatus',
      startTime: expect.stringMatching(/^\d{4}-.*\+00:00$/),
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
    const note = `It ended with exit status 3, see ${stage.resultPath(1, 'log')} and /var/lib/a of 1/2/3.`;
    const failed = await stage.ended({ 'a.txt': 'a' }, { state: 'failed', exitCode: 3, note });
    const { files: inside, metadata } = await unpack(failed);
    expect(faultsOfCrate({ metadata, files: new Map([...inside].map(([name, content]) => [name, content.length])) })).toEqual([]);
    expect(metadata).toContain('http://schema.org/FailedActionStatus');
    expect(metadata).toContain('It ended with exit status 3, see project/runs/1/log and …/a of 1/2/3.');
    expect(metadata).not.toContain(stage.web.database.config.filesRoot);
  });

  it('holds a name that is no text under the bytes that it has', async () => {
    const strange = await stage.ended({ 'a.txt': 'a' });
    writeFileSync(Buffer.concat([Buffer.from(`${stage.resultPath(strange)}/`), Buffer.from([0xff, 0x41])]), 'x');
    const { metadata } = await unpack(strange);
    expect(metadata).toContain('"@id": "results/%FFA"');
  });

  async function unpack(run: number): Promise<{ files: Map<string, Buffer>; metadata: string }> {
    const { body, status } = await stage.bytes(`/runs/${run}/crate`);
    expect(status).toBe(200);
    const inside = new Map<string, Buffer>();
    for (const entry of await new ZipReader(new Uint8ArrayReader(body)).getEntries()) {
      if (!entry.directory) inside.set(entry.filename, Buffer.from(await entry.getData(new Uint8ArrayWriter())));
    }
    return { files: inside, metadata: inside.get('ro-crate-metadata.json')!.toString() };
  }
});
