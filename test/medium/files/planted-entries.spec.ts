import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatEntryName } from '../../../src/common/files/entry-name';
import type { TestAnswer } from '../../web-app';
import { ShowStage } from '../show/show-stage';

const SECRET = 'words-of-somebody-else';
/** Longer than any answer may take, on a machine that does much else. */
const HANG_MS = 2000;
const ENDINGS = ['txt', 'csv', 'tif', 'pdf', 'zip'] as const;
/** What a program may leave behind that is no file of the project, devices if it is root; each with every ending that some route cares for. */
const KINDS = ['link', 'dangling', 'loop', 'fifo', 'device', 'socket', 'hard'].filter(
  (kind) => kind !== 'device' || process.getuid?.() === 0,
);
const SCRIPT = '#!/bin/sh\n##~~ input [.txt .csv .tif .pdf .zip] - the file\n';

/** Files of the project whose names are hard to write: they are read like any other. */
const ODD_NAMES = [
  Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74, 0x78, 0x74]),
  Buffer.from('line\nbreak.txt'),
  Buffer.from('\u001b[31mred.txt'),
  Buffer.from('\u202egnp.txt'),
  Buffer.from(' blank .txt '),
  Buffer.from('a\\b.txt'),
  Buffer.from(`${'x'.repeat(251)}.txt`),
];

describe('what a program plants among the files of a project', () => {
  let stage: ShowStage;
  let outside: string;
  let pipelines: string;
  let run: number;
  let token: string;

  beforeAll(async () => {
    outside = mkdtempSync(join(tmpdir(), 'outside-'));
    pipelines = mkdtempSync(join(tmpdir(), 'pipelines-'));
    writeFileSync(join(outside, 'secret.txt'), SECRET);
    writeFileSync(join(pipelines, 'read.sh'), SCRIPT);
    chmodSync(join(pipelines, 'read.sh'), 0o755);
    stage = await ShowStage.open({ PIPELINES_DIR: pipelines });
    run = await stage.ended({ 'ordinary.txt': 'ordinary' });
    token = await stage.owner.token('/projects');
    for (const folder of [planted(), stage.resultPath(run)]) plant(folder);
  });
  afterEach(() => expect([readdirSync(outside), readFileSync(join(outside, 'secret.txt'), 'utf8')]).toEqual([['secret.txt'], SECRET]));
  afterAll(async () => {
    await stage?.close();
    for (const folder of [outside, pipelines]) rmSync(folder, { recursive: true, force: true });
  });

  const root = () => join(stage.web.database.config.filesRoot, stage.project.ownerId, stage.project.id);
  const planted = () => join(root(), 'planted');
  const address = () => `/projects/${stage.project.id}`;
  const get = (path: string) => stage.owner.get(path);
  const post = (path: string, fields: [string, string][]) =>
    stage.owner.postBody(path, new URLSearchParams([['_csrf', token], ...fields]).toString());

  function plant(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'ordinary.txt'), 'ordinary');
    symlinkSync(outside, join(folder, 'away'));
    for (const ending of ENDINGS) for (const kind of KINDS) plantOne(kind, join(folder, `${kind}.${ending}`));
    plantSpecial(folder);
    for (const name of ODD_NAMES) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), 'odd');
    mkdirSync(join(folder, ...Array.from({ length: 70 }, () => 'd')), { recursive: true });
  }

  function plantOne(kind: string, path: string): void {
    if (kind === 'link') symlinkSync(join(outside, 'secret.txt'), path);
    if (kind === 'dangling') symlinkSync(join(outside, 'nothing'), path);
    if (kind === 'loop') symlinkSync(path, path);
    if (kind === 'hard') linkSync(join(outside, 'secret.txt'), path);
  }

  /** Those that no call of Node makes. The device is endless zeros: whoever reads it does not come back. */
  function plantSpecial(cwd: string): void {
    const names = (kind: string) => ENDINGS.map((ending) => `${kind}.${ending}`);
    execFileSync('mkfifo', names('fifo'), { cwd });
    for (const name of KINDS.includes('device') ? names('device') : []) execFileSync('mknod', [name, 'c', '1', '5'], { cwd });
    // Names that are not taken away when their process ends, as it is with one that crashes.
    const listen = `for (const name of process.argv.slice(1)) require('node:net').createServer().listen(name);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);`;
    spawnSync(process.execPath, ['-e', listen, ...names('socket')], { cwd });
  }

  /** Names below the planted folder that are no files, or lie in no folder, of the project. */
  const strangers = () => [...ENDINGS.flatMap((ending) => KINDS.map((kind) => `${kind}.${ending}`)), 'away', 'away/secret.txt'];
  const deep = () => Array.from({ length: 70 }, () => 'd').join('/');

  async function timely(what: string, ask: () => Promise<TestAnswer>): Promise<TestAnswer> {
    const beganMs = performance.now();
    const answer = await ask();
    expect([what, performance.now() - beganMs < HANG_MS]).toEqual([what, true]);
    expect([what, answer.status < 500, answer.body.includes(SECRET)]).toEqual([what, true, false]);
    return answer;
  }

  /** Each opens what is at an address. */
  const OPENING: Record<string, (name: string) => Promise<TestAnswer>> = {
    downloads: (name) => get(`${address()}/files/planted/${name}`),
    'the page of a file': (name) => get(`${address()}/view/planted/${name}`),
    documents: (name) => get(`${address()}/documents/planted/${name}`),
    'small pictures': (name) => get(`${address()}/thumbnails/planted/${name}?size=list`),
    'large pictures': (name) => get(`${address()}/thumbnails/planted/${name}?size=page`),
    'the page of a checksum': (name) => get(`${address()}/checksum/planted/${name}`),
    'computing a checksum': (name) => post(`${address()}/files/checksum`, [['path', `planted/${decodeURIComponent(name)}`]]),
    results: (name) => get(`/runs/${run}/files/${name}`),
    'results through the project': (name) => get(`${address()}/files/runs/${run}/${name}`),
    'the page of a result': (name) => get(`${address()}/view/runs/${run}/${name}`),
    'the folder page': (name) => get(`${address()}?path=planted/${name}`),
    'the list of checksums': (name) => get(`${address()}/checksums.txt?path=planted/${name}`),
    'a folder as zip': (name) => get(`${address()}/zip?path=planted/${name}`),
    unpacking: (name) => post(`${address()}/files/extract`, inFolder(decodeURIComponent(name))),
    'the run form': (name) => post(`${address()}/run/read`, [['p.input', `project:planted/${decodeURIComponent(name)}`]]),
    'new folders': (name) =>
      post(`${address()}/files/folder`, [
        ['path', `planted/${decodeURIComponent(name)}`],
        ['newName', 'x'],
      ]),
    'moving into it': (name) =>
      post(`${address()}/files/move`, [
        ['path', 'planted'],
        ['name', 'ordinary.txt'],
        ['to', `planted/${decodeURIComponent(name)}`],
      ]),
    'copying into it': (name) =>
      post(`${address()}/files/copy`, [
        ['path', 'planted'],
        ['name', 'ordinary.txt'],
        ['to', `planted/${decodeURIComponent(name)}`],
      ]),
  };

  function inFolder(name: string): [string, string][] {
    const parts = `planted/${name}`.split('/');
    return [
      ['path', parts.slice(0, -1).join('/')],
      ['name', parts.at(-1)!],
    ];
  }

  it.each(Object.keys(OPENING))('%s refuse what is no file or folder of the project, at once', async (route) => {
    for (const name of strangers()) {
      const { status } = await timely(`${route}: ${name}`, () => OPENING[route](name));
      // What stands in the folder itself, its size and its date, is told.
      const isTold = name.startsWith('hard') && route.startsWith('the page of a');
      expect([route, name, status >= 400 || (isTold && status === 200)]).toEqual([route, name, true]);
    }
    await timely(`${route}: deep`, () => OPENING[route](deep()));
    // A run would be made of these, and would keep them where they are.
    for (const name of route === 'the run form' ? [] : ODD_NAMES) {
      const written = encodeURIComponent(formatEntryName(name));
      await timely(`${route}: ${written}`, () => OPENING[route](written));
    }
  });

  it.each(['downloads', 'the page of a file', 'the page of a checksum', 'results', 'results through the project'])(
    '%s find files with names of any bytes',
    async (route) => {
      for (const name of ODD_NAMES) {
        const { status } = await OPENING[route](encodeURIComponent(formatEntryName(name)));
        expect([route, formatEntryName(name), status]).toEqual([route, formatEntryName(name), 200]);
      }
    },
  );

  it('pictures of results are an icon, or refused', async () => {
    for (const name of strangers()) {
      const { headers, status } = await timely(name, () => get(`/runs/${run}/views/${name}`));
      expect([name, status === 404 || status === 403 || headers['content-type'] === 'image/svg+xml; charset=utf-8']).toEqual([name, true]);
    }
  });

  it.each<[string, () => Promise<TestAnswer>]>([
    ['the page of the project', () => get(address())],
    ['the page of the folder', () => get(`${address()}?path=planted`)],
    ['the same by size', () => get(`${address()}?path=planted&sort=size`)],
    ['the page of the run', () => get(`/runs/${run}`)],
    ['the folder as zip', () => get(`${address()}/zip?path=planted`)],
    ['the results as zip', () => get(`${address()}/zip?path=runs/${run}`)],
    [
      'a selection as zip',
      () =>
        get(
          `${address()}/zip?path=planted&${strangers()
            .slice(0, -1)
            .map((name) => `name=${name}`)
            .join('&')}`,
        ),
    ],
    ['the project as zip', () => get(`${address()}/zip`)],
    ['the checksums', () => get(`${address()}/checksums.txt?path=planted`)],
    ['the list of pipelines', () => get(`${address()}/run`)],
    ['the form of a run', () => get(`${address()}/run/read`)],
    ['the space', () => get('/space')],
  ])('%s is answered at once and tells nothing of it', async (what, ask) => {
    expect([what, (await timely(what, ask)).status]).toEqual([what, 200]);
  });

  it('is renamed, moved, deleted and brought back as what it is', async () => {
    for (const kind of [...KINDS.map((one) => `${one}.txt`), 'away']) {
      const before = lstatSync(join(planted(), kind), { bigint: true });
      const renamed = await timely(kind, () =>
        post(`${address()}/files/rename`, [
          ['path', 'planted'],
          ['only', kind],
          ['newName', 'renamed'],
        ]),
      );
      const moved = await timely(kind, () =>
        post(`${address()}/files/move`, [
          ['path', 'planted'],
          ['name', 'renamed'],
          ['to', ''],
        ]),
      );
      const gone = await timely(kind, () =>
        post(`${address()}/files/delete`, [
          ['path', ''],
          ['name', 'renamed'],
        ]),
      );
      const undo = /undo=([0-9a-f-]+)/.exec(gone.location ?? '')?.[1] ?? '';
      const back = await timely(kind, () =>
        post(`${address()}/files/restore`, [
          ['path', ''],
          ['undo', undo],
        ]),
      );
      expect([kind, renamed.status, moved.status, gone.status, back.status]).toEqual([kind, 303, 303, 303, 303]);
      const now = lstatSync(join(root(), 'renamed'), { bigint: true });
      expect([kind, now.ino, now.mode]).toEqual([kind, before.ino, before.mode]);
      await post(`${address()}/files/delete`, [
        ['path', ''],
        ['name', 'renamed'],
      ]);
    }
  });

  it('is left out of copies', async () => {
    mkdirSync(join(root(), 'target'), { recursive: true });
    for (const name of [...KINDS.map((kind) => `${kind}.txt`), 'away']) {
      await timely(name, () =>
        post(`${address()}/files/copy`, [
          ['path', 'planted'],
          ['name', name],
          ['to', 'target'],
        ]),
      );
    }
    const copyAll = () =>
      post(`${address()}/files/copy`, [
        ['path', ''],
        ['name', 'planted'],
        ['to', 'target'],
      ]);
    expect((await timely('too deep', copyAll)).status).toBe(422);
    rmSync(join(planted(), 'd'), { recursive: true });
    const whole = await timely('the folder', copyAll);
    expect(whole.status).toBe(303);
    expect(readdirSync(join(root(), 'target'))).toEqual(['planted']);
    const copied = readdirSync(join(root(), 'target', 'planted'), { encoding: 'buffer' });
    expect(copied.map(formatEntryName).sort()).toEqual(['ordinary.txt', ...ODD_NAMES.map(formatEntryName)].sort());
  });

  it('goes as a whole into the trash, and out of it for good', async () => {
    const gone = await timely('delete', () =>
      post(`${address()}/files/delete`, [
        ['path', ''],
        ['name', 'planted'],
      ]),
    );
    expect(gone.status).toBe(303);
    expect((await timely('empty', () => post(`${address()}/trash/empty`, []))).status).toBe(303);
  });
});
