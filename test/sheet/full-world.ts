import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeMany } from '../pipelines/tissue';
import { drawPhotograph } from './images';
import { Laboratory, writeFiles, type Person } from './laboratory';
import { LABORATORY_PIPELINES } from './pipelines';
import { Album, type World } from './shot';

const LONG = 'A name that somebody wrote in one breath, with the date, the antibody, the microscope and the weather of the day in it';
const CHINESE = '胰腺组织切片第七号核心区域的多重免疫荧光成像原始数据';
/** Within a name no line can be broken. */
const UNBROKEN = `${'very'.repeat(20)}-long_name_without_any_place_to_break_it`;
const FILES = 1000;
const [RUNS, WAITING] = [200, 60];
/** More than stand on one page. */
const PROJECTS = 70;

const GALLERY = `title: Gallery
summary: Leaves hundreds of results.
command: [./job.sh]
arguments: []
outputs:
  - { glob: 'fields/*.png', kind: image, title: Fields, group: Fields }
  - { glob: 'tables/*.csv', kind: table, title: Tables, group: Tables }
`;
/** Three hundred pictures, twenty tables, and a log of many lines, one of them very long. */
const GALLERY_SCRIPT = `#!/bin/sh
mkdir -p fields tables
base64 -d "$(dirname "$0")/field.base64" >fields/field_1.png
for i in $(seq 2 300); do cp fields/field_1.png "fields/field_$i.png"; done
for i in $(seq 1 20); do printf 'cell,area\\n1,310\\n2,295\\n' >"tables/table_$i.csv"; done
awk 'BEGIN { for (i = 1; i <= 30000; i++) print "[" i "] wrote field " i " of 30000"; for (i = 1; i <= 5000; i++) printf "one long line "; print "" }'
`;

/** Somebody who has worked here for years: a thousand files, hundreds of runs, dozens of projects, and names of every length. */
export async function fullWorld(): Promise<World> {
  const laboratory = await Laboratory.open(
    { ...LABORATORY_PIPELINES, ...(await ownPipelines()) },
    { RUNNER_SLOTS: '4', RUNNER_MEMORY: '64 GB', RUNNER_GPUS: '0,1' },
  );
  const root = await laboratory.person('root@example.org');
  const mira = await laboratory.person('mira-with-a-long-name-of-many-syllables@department.institute.university.example.org');
  for (let number = 1; number < PROJECTS; number += 1)
    await mira.project(`${[LONG, CHINESE, 'Spleen', UNBROKEN][number % 4].slice(0, 90)} ${number}`);
  const project = await mira.project(`${CHINESE} ${LONG.slice(0, 60)}`);
  await fill(laboratory, mira, project);
  const runs = await carryOut(laboratory, mira, project);
  const album = new Album();
  outside(album, mira, root, project);
  inside(album, mira, project, runs);
  await shared(album, laboratory, mira, project, runs);
  await mira.readNotes();
  return { name: 'full', laboratory, shots: album.shots };
}

async function ownPipelines(): Promise<Record<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-many-'));
  placeMany(folder);
  const many = readFileSync(join(folder, 'many', 'pipeline.yaml'), 'utf8');
  rmSync(folder, { recursive: true });
  const field = (await drawPhotograph(4)).toString('base64');
  return { 'many/pipeline.yaml': many, 'gallery/pipeline.yaml': GALLERY, 'gallery/job.sh': GALLERY_SCRIPT, 'gallery/field.base64': field };
}

async function fill(laboratory: Laboratory, mira: Person, project: string): Promise<void> {
  const pictures = await Promise.all([1, 2, 3].map(drawPhotograph));
  const names = Array.from({ length: FILES }, (_, index) => {
    const number = String(index).padStart(4, '0');
    return [`plate 7 well ${number}.png`, `${CHINESE} ${number}.tif`, `${LONG} ${number}.csv`, `${UNBROKEN}${number}.txt`][index % 4];
  });
  laboratory.put(
    project,
    Object.fromEntries(names.map((name, index) => [name, name.endsWith('png') ? pictures[index % 3] : 'a,b\n1,2\n'])),
  );
  for (let sample = 1; sample <= 40; sample += 1)
    laboratory.put(
      project,
      Object.fromEntries(['red', 'yellow', 'blue', 'green'].map((channel) => [`fields/field ${sample}_${channel}.tif`, 'pixels'])),
    );
  laboratory.put(project, {
    [`${Array.from({ length: 8 }, (_, level) => `${CHINESE}${level}`).join('/')}/deep.txt`]: 'deep',
    'copies/readme.txt': 'copies',
  });
  for (let number = 1; number <= 120; number += 1) laboratory.put(project, { [`old ${number}.txt`]: 'old' });
  writeFiles(laboratory.inbox, Object.fromEntries(names.map((name) => [name, 'a'])));
  const at = `/projects/${project}/files`;
  for (let number = 1; number <= 60; number += 1) await mira.post(`${at}/delete`, { path: '', name: `old ${number}.txt` });
  await mira.post(`${at}/delete`, { path: '', name: Array.from({ length: 60 }, (_, index) => `old ${index + 61}.txt`) });
  for (let number = 1; number <= 12; number += 1)
    await mira.post(`${at}/copy`, { path: '', name: 'fields', to: 'copies', onConflict: 'keepBoth' });
  await laboratory.untilTasksDone();
}

interface Runs {
  gallery: number;
  reports: number;
  measure: number;
  last: number;
  sweep: string;
}

async function carryOut(laboratory: Laboratory, mira: Person, project: string): Promise<Runs> {
  const gallery = await mira.run(project, 'gallery');
  const reports = await mira.run(project, 'reports');
  const measure = await mira.run(project, 'measure', { cells: '60000' });
  const sweep = await mira.sweep(project, 'quick', { sigma: `1..${RUNS}` }, { label: CHINESE });
  await laboratory.untilQuiet();
  const last = await mira.ended(project, 'quick', { label: LONG, sigma: '1' });
  for (let number = 1; number <= 30; number += 1) {
    const entries = JSON.stringify({ label: `Plate ${number}`, sigma: String(number) });
    await mira.post(`/projects/${project}/run/quick/presets`, { name: `${number % 2 ? LONG.slice(0, 60) : CHINESE} ${number}`, entries });
  }
  const labels = Array.from({ length: WAITING }, (_, index) => `slide ${index + 1}`).join(', ');
  await mira.sweep(project, 'slow', { label: labels });
  return { gallery, reports, measure, last, sweep };
}

function outside(album: Album, mira: Person, root: Person, project: string): void {
  const at = `/projects/${project}`;
  const as = mira.cookies;
  album.addBoth('home', 'dashboard', '/', as);
  album.addBoth('projects', 'projects', '/projects', as);
  album.add('projects', 'projects-found', '/projects?q=spleen&sort=name', as);
  album.add('projects', 'projects-last', '/projects?page=2', as);
  album.add('projects', 'settings', `${at}/settings`, as);
  album.add('projects', 'tasks', `${at}/tasks`, as);
  album.add('projects', 'space', '/space', as);
  album.add('projects', 'space-of-project', `${at}/space`, as);
  album.addBoth('queue', 'queue', '/queue', as);
  album.add('queue', 'queue-of-administrator', '/queue', root.cookies);
  album.add('queue', 'queue-ended', '/queue?state=succeeded', as);
  album.add('queue', 'runners', '/admin/runners', root.cookies);
}

function inside(album: Album, mira: Person, project: string, runs: Runs): void {
  const at = `/projects/${project}`;
  const as = mira.cookies;
  const deep = Array.from({ length: 8 }, (_, level) => `${CHINESE}${level}`).join('/');
  album.add('files', 'project', at, as);
  album.add('files', 'project-last', `${at}?page=6`, as);
  album.add('files', 'project-deep', `${at}?path=${encodeURIComponent(deep)}`, as);
  album.add('files', 'view', `${at}/view/${encodeURIComponent(`${UNBROKEN}0003.txt`)}`, as);
  album.add('files', 'trash', `${at}/trash`, as);
  album.add('files', 'inbox', `${at}/inbox?from=shared`, as);
  album.add('form', 'choose', `${at}/run`, as);
  album.add('form', 'many', `${at}/run/many`, as);
  album.add('form', 'nuclei', `${at}/run/nuclei`, as);
  album.add('form', 'hpaseg', `${at}/run/hpaseg`, as);
  album.add('form', 'presets', `${at}/run/quick`, as, { isCovered: true, act: (page) => page.locator('#run-presets summary').click() });
  album.add('results', 'gallery', `/runs/${runs.gallery}`, as);
  album.add('results', 'long-names', `/runs/${runs.last}`, as);
  album.add('run', 'log', `/runs/${runs.gallery}/log`, as);
  album.add('views', 'viewer', `/runs/${runs.gallery}/viewer/fields/field_1.png`, as);
  album.add('views', 'plot', `/runs/${runs.reports}/plot/good.vl.json`, as);
  album.add('tables', 'many-columns', `/runs/${runs.measure}/table/markers.csv`, as);
  album.add('tables', 'many-rows', `/runs/${runs.measure}/table/cells.csv?page=200`, as);
  album.add('tables', 'scatter', `/runs/${runs.measure}/table/cells.csv?x=2&y=3`, as);
  album.add('compare', 'sweep', runs.sweep, as);
  album.addBoth('compare', 'choose', `${at}/compare`, as);
  album.add('compare', 'compare', `${at}/compare?run=${[1, 2, 3, 4, 5, 6].map((step) => runs.measure + step).join('&run=')}`, as);
}

async function shared(album: Album, laboratory: Laboratory, mira: Person, project: string, runs: Runs): Promise<void> {
  const page = `/projects/${project}/shares`;
  for (let number = 1; number < 40; number += 1) await mira.share(page, number % 2 ? LONG : CHINESE, '7');
  const link = await mira.share(page, CHINESE, '90');
  const visitor = (await laboratory.visitor(link)).cookies;
  album.add('share', 'shares', page, mira.cookies);
  album.add('share', 'shared-project', `/projects/${project}/shared`, visitor);
  album.add('share', 'shared-run', `/runs/${runs.gallery}`, visitor);
}
