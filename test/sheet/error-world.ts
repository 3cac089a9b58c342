import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { PLOTS } from '../hostile-files';
import { Laboratory, type Person } from './laboratory';
import { LABORATORY_PIPELINES } from './pipelines';
import { Album, type World } from './shot';

const MB = 1_000_000;
/** Since then nothing was heard of a runner. */
const SILENT_MS = 20 * 60_000;
const LIMITS = { USER_SPACE: '3 MB', USER_PROJECTS: '2', USER_UPLOAD: '1 MB', GUEST_SPACE: '1 MB' };

/** Leaves files that are not what their names say. */
const TORN = `title: Torn
summary: Leaves what nobody can open.
command: [./job.sh]
arguments: []
outputs:
  - { glob: torn.tif, kind: image, title: Torn image }
  - { glob: unclosed.csv, kind: table, title: Table without an end }
  - { glob: empty.csv, kind: table, title: Empty table }
  - { glob: 'missing/*.png', kind: image, title: What is missing }
  - { glob: bad.vl.json, kind: plot, title: No plot }
outcome: { requiredOutputs: ['missing/*.png'] }
`;
const TORN_SCRIPT = `#!/bin/sh
printf 'II*\\0\\010\\0\\0\\0\\377\\377torn' >torn.tif
printf 'a,b\\n1,"never closed\\n2,3\\n' >unclosed.csv
: >empty.csv
cp "$(dirname "$0")/bad.vl.json" .
`;

/** Does not end in its time. */
const LATE = `#!/bin/sh
##~~ title: Late
##~~ time: 1s
##~~ output=count.txt - the numbers
echo "reading 40 images"
sleep 60
`;

/** Where things went wrong, by people, by programs, and by us. */
export async function errorWorld(): Promise<World> {
  const torn = { 'torn/pipeline.yaml': TORN, 'torn/job.sh': TORN_SCRIPT, 'torn/bad.vl.json': JSON.stringify(PLOTS['elsewhere'].spec) };
  const broken = { 'nothing/pipeline.yaml': 'title: No command\nparameters: [{ name: 7 }]\n' };
  const laboratory = await Laboratory.open(
    { ...LABORATORY_PIPELINES, ...torn, ...broken, 'late.sh': LATE },
    { SAMPLE_PROJECT: 'off', ...LIMITS },
  );
  const [root, mira, eva] = [
    await laboratory.person('root@example.org'),
    await laboratory.person('mira@example.org'),
    await laboratory.person('eva@example.org'),
  ];
  const project = await mira.project('Pancreas, core C7');
  const album = new Album();
  doors(album);
  await addresses(album, laboratory, mira, eva, project);
  await failures(album, laboratory, mira, root, project);
  limits(album, laboratory, mira, project);
  ours(album, laboratory, mira);
  silence(album, laboratory, mira, root, { person: eva, project: await eva.project('Liver') });
  await mira.readNotes();
  await root.readNotes();
  await eva.readNotes();
  return { name: 'error', laboratory, shots: album.shots };
}

function doors(album: Album): void {
  const send = async (page: Page, password: string) => {
    await page.getByLabel('Email').fill('mira@example.org');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('main').getByRole('button').first().click();
    await page.waitForLoadState();
  };
  album.add('door', 'log-in-refused', '/login', undefined, { act: (page) => send(page, 'not this one') });
  album.add('door', 'link-fault', '/link/cut-off', undefined, { status: 404 });
  album.add('door', 'expiring-over', '/expiring/cut-off', undefined, { status: 404 });
  album.add('door', 'sign-up-refused', '/signup', undefined, { act: (page) => send(page, 'short') });
  album.add('door', 'log-in-first', '/queue');
  const tryOften = async (page: Page) => {
    for (let tries = 0; tries < 6; tries += 1) await send(page, 'not this one');
  };
  album.add('door', 'too-many-tries', '/login', undefined, { act: tryOften, alone: () => () => undefined });
}

async function addresses(album: Album, laboratory: Laboratory, mira: Person, eva: Person, project: string): Promise<void> {
  const as = mira.cookies;
  const run = await mira.ended(project, 'quick');
  album.addBoth('errors', 'not-found', '/no/such/page', as, { status: 404 });
  album.add('errors', 'not-found-stranger', '/no/such/page', undefined, { status: 404 });
  album.add('errors', 'no-run', '/runs/987654', as, { status: 404 });
  album.addBoth('errors', 'not-yours', `/runs/${run}`, eva.cookies, { status: 403 });
  album.add('errors', 'project-of-another', `/projects/${project}`, eva.cookies, { status: 404 });
  album.add('errors', 'for-administrators', '/admin/runners', as, { status: 403 });
  album.add('errors', 'no-file', `/projects/${project}/view/gone.txt`, as, { status: 404 });
  album.add('errors', 'no-folder', `/projects/${project}?path=gone`, as, { status: 404 });
  album.add('errors', 'no-table', `/runs/${run}/table/gone.csv`, as, { status: 404 });
  album.add('errors', 'no-pipeline', `/projects/${project}/run/gone`, as, { status: 404 });
  const link = await mira.share(`/runs/${run}/share`, 'too late');
  const late = await laboratory.visitor(link);
  laboratory.change('UPDATE shares SET expires_ms = 1');
  album.addBoth('share', 'link-is-over', link, undefined, { status: 404 });
  album.add('share', 'run-when-link-is-over', `/runs/${run}`, late.cookies, {});
  album.add('share', 'no-such-link', `/shared/${'x'.repeat(43)}`, undefined, { status: 404 });
}

async function failures(album: Album, laboratory: Laboratory, mira: Person, root: Person, project: string): Promise<void> {
  const as = mira.cookies;
  const failed = await mira.ended(project, 'broken');
  const torn = await mira.ended(project, 'torn');
  const unknown = await mira.run(project, 'unwatched');
  await laboratory.untilState(unknown, 'unknown');
  const late = await mira.ended(project, 'late');
  album.addBoth('run', 'timed-out', `/runs/${late}`, as);
  album.addBoth('run', 'failed', `/runs/${failed}`, as);
  album.add('run', 'failed-log', `/runs/${failed}/log`, as);
  album.add('run', 'unknown-of-administrator', `/runs/${unknown}`, root.cookies);
  const lost = await mira.run(project, 'unwatched');
  await laboratory.untilState(lost, 'unknown');
  await root.post(`/runs/${lost}/lost`);
  album.add('run', 'lost', `/runs/${lost}`, as);
  album.add('results', 'torn', `/runs/${torn}`, as);
  album.add('views', 'viewer-of-torn-image', `/runs/${torn}/viewer/torn.tif`, as);
  album.add('views', 'plot-refused', `/runs/${torn}/plot/bad.vl.json`, as);
  album.add('tables', 'unclosed', `/runs/${torn}/table/unclosed.csv`, as);
  album.add('tables', 'empty', `/runs/${torn}/table/empty.csv`, as);
  album.add('form', 'refused', `/projects/${project}/run/nuclei`, as, {
    act: async (page) => {
      await page.getByLabel('Smoothing').fill('a lot');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('to correct').first().waitFor();
    },
  });
  album.add('form', 'pipex-refused', `/projects/${project}/run/pipex`, as, {
    act: async (page) => {
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('to correct').first().waitFor();
    },
  });
  album.add('form', 'choose-with-fault', `/projects/${await root.project('Test of pipelines')}/run`, root.cookies);
  album.add('errors', 'too-large', '/projects', as, {
    act: async (page) => {
      await page.getByLabel('Project name').evaluate((field: HTMLInputElement) => {
        field.maxLength = 3_000_000;
        field.value = 'a'.repeat(3_000_000);
      });
      await page.getByRole('button', { name: 'Create project' }).click();
      await page.waitForLoadState();
    },
  });
  album.add('projects', 'name-refused', '/projects', as, {
    act: async (page) => {
      await page.getByLabel('Project name').fill('Pancreas, core C7');
      await page.getByRole('button', { name: 'Create project' }).click();
      await page.waitForLoadState();
    },
  });
}

function limits(album: Album, laboratory: Laboratory, mira: Person, project: string): void {
  const as = mira.cookies;
  laboratory.put(project, { 'large.bin': Buffer.alloc(3.2 * MB), 'small.bin': Buffer.alloc(1000) });
  laboratory.put(project, { 'torn.png': 'no picture', 'not utf-8.txt': Buffer.from([0xff, 0xfe, 0, 0x80, 0x41]) });
  const file = { name: 'too large.tif', mimeType: 'image/tiff', buffer: Buffer.alloc(1.2 * MB) };
  album.add('projects', 'space-full', '/space', as, { act: (page) => page.getByRole('button', { name: 'Measure now' }).click() });
  album.add('files', 'upload-refused', `/projects/${project}`, as, {
    act: async (page) => {
      await page.locator('#upload-files').setInputFiles(file);
      await page.waitForTimeout(1500);
    },
  });
  album.add('files', 'view-of-torn-picture', `/projects/${project}/view/torn.png`, as);
  album.add('files', 'view-of-bytes', `/projects/${project}/view/${encodeURIComponent('not utf-8.txt')}`, as);
  album.addBoth('form', 'space-full', `/projects/${project}/run/quick`, as);
  album.addBoth('files', 'project-full', `/projects/${project}`, as);
  album.add('projects', 'projects-full', '/projects', as);
  album.add('errors', 'forms-only', '/logout', as, { status: 405 });
  album.add('errors', 'broken-pipeline', `/projects/${project}/run/nothing`, as, { status: 503, isNoisy: true });
}

/** Faults of the server, each while nobody else looks at anything. */
function ours(album: Album, laboratory: Laboratory, mira: Person): void {
  const as = mira.cookies;
  const without = (table: string) => () => {
    laboratory.change(`ALTER TABLE ${table} RENAME TO ${table}_gone`);
    return () => laboratory.change(`ALTER TABLE ${table}_gone RENAME TO ${table}`);
  };
  album.addBoth('errors', 'defect', '/queue', as, { status: 500, isNoisy: true, alone: without('queue') });
  album.add('errors', 'database-busy', '/projects', as, {
    isNoisy: true,
    alone: () => laboratory.lock(),
    act: async (page) => {
      await page.getByLabel('Project name').fill('At the wrong moment');
      await page.getByRole('button', { name: 'Create project' }).click();
      await page.waitForLoadState();
    },
  });
  mkdirSync(join(laboratory.inbox, 'empty folder'));
}

/** @param other whose space has room. */
function silence(album: Album, laboratory: Laboratory, mira: Person, root: Person, other: { person: Person; project: string }): void {
  // The runner goes on, and would be heard of again before the last picture.
  const hush = () => laboratory.change('UPDATE runners SET beat_ms = ?', Date.now() - SILENT_MS);
  const alone = () => {
    hush();
    const hushing = setInterval(hush, 50);
    return () => clearInterval(hushing);
  };
  album.add('queue', 'no-runner', '/queue', mira.cookies, { alone });
  album.add('queue', 'runners-silent', '/admin/runners', root.cookies, { alone });
  album.add('admin', 'overview-silent', '/admin', root.cookies, { alone });
  album.add('form', 'no-runner', `/projects/${other.project}/run/quick`, other.person.cookies, { alone });
}
