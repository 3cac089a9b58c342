import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { hashOfKey, newKey } from '../../src/common/keys';
import { drawCells } from '../pipelines/stand-in';
import { writeZip } from '../zip-writer';
import { drawPhotograph, drawTissue } from './images';
import { Laboratory, writeFiles, type Person } from './laboratory';
import { LABORATORY_PIPELINES, SMALL_PDF } from './pipelines';
import { Album, type World } from './shot';

const PIPEX = {
  images: ['project:markers/DAPI.tif', 'project:markers/CD8.tif'],
  preprocess: 'true',
  preprocess_markers: 'CD8',
  segment: 'true',
  nuclei_marker: 'DAPI',
  measure_markers: 'DAPI\r\nCD8',
  analyse: 'true',
  analysis_markers: 'DAPI\r\nCD8',
  kmeans: 'true',
  k_clusters: '3',
  geojson: 'true',
  tissuumaps: 'true',
};
const ELLVIEWER = { ELLVIEWER_URL: 'http://viewer.test/v.html?csv={url}' };

/** What the runs of this world are called where pages are asked for. */
interface Runs {
  nuclei: number;
  pipex: number;
  hpaseg: number;
  measure: number;
  reports: number;
  failed: number;
  cancelled: number;
  unknown: number;
  running: number;
  waiting: number;
  /** Waits for the one that goes on. */
  following: number;
  sweep: string;
}

/** A person in the middle of their work, with a project that holds a bit of everything. */
export async function typicalWorld(): Promise<World> {
  const laboratory = await Laboratory.open(LABORATORY_PIPELINES, {
    RUNNER_SLOTS: '3',
    RUNNER_MEMORY: '64 GB',
    WEBHOOK_NETWORKS: '127.0.0.1',
    DEMO_USERLIST: 'course@example.org',
    ...ELLVIEWER,
  });
  const root = await laboratory.person('root@example.org');
  const mira = await laboratory.person('mira@example.org');
  for (const name of ['Spleen, first try', 'Organoids of week 12']) await mira.project(name);
  const project = await mira.project('Pancreas, core C7');
  await fill(laboratory, mira, project);
  const runs = await carryOut(laboratory, mira, project);
  const album = new Album();
  await outside(album, laboratory, mira, root, project);
  files(album, mira, project);
  forms(album, mira, project, runs);
  await results(album, laboratory, mira, project, runs);
  await webhooks(album, mira, root, project);
  await others(album, laboratory, mira, root, project);
  await mira.readNotes();
  await root.readNotes();
  return { name: 'typical', laboratory, shots: album.shots };
}

async function fill(laboratory: Laboratory, mira: Person, project: string): Promise<void> {
  const folder = laboratory.folderOf(project);
  await drawTissue(join(folder, 'DAPI.tif'));
  for (const [shift, name] of ['DAPI.tif', 'CD8.tif'].entries()) await drawTissue(join(folder, 'markers', name), { shift });
  for (const sample of ['fov1', 'fov2'])
    for (const [shift, channel] of ['red', 'yellow', 'blue', 'green'].entries())
      await drawCells(join(folder, `${sample}_${channel}.tif`), { shift });
  laboratory.put(project, {
    'broken_blue.tif': 'no image',
    'notes.txt': 'Stained on Monday.\nImaged on Tuesday; field 3 is out of focus.\n',
    'cells.csv': 'cell,area,class\n1,310,tumour\n2,295,stroma\n',
    'plan.pdf': SMALL_PDF,
    'overview.png': await drawPhotograph(1),
    'slide before staining.png': await drawPhotograph(5),
    'sequences.fasta': '>a\nACGTACGT\n>b\nGGGCCC\n',
    'Plate 7.zip': writeZip([
      { name: 'well A1.txt', content: 'A1' },
      { name: 'fields/1.txt', content: '1' },
    ]),
    'old scan.png': await drawPhotograph(2),
    'older scan.png': await drawPhotograph(3),
    'raw data/2026-11-02/readme.md': '# Raw data\n',
  });
  writeFiles(laboratory.inbox, { 'for all.csv': 'a\n1\n', 'scanner 2/slide 4.tif': 'pixels', 'large stack.tif': 'x'.repeat(4_000_000) });
  const at = `/projects/${project}/files`;
  await mira.post(`${at}/delete`, { path: '', name: 'old scan.png' });
  await mira.post(`${at}/delete`, { path: '', name: 'older scan.png' });
  await mira.post(`${at}/extract`, { path: '', name: 'Plate 7.zip' });
  await mira.post(`${at}/copy`, { path: '', name: 'raw data', to: 'markers', onConflict: 'keepBoth' });
  await laboratory.untilTasksDone();
}

async function carryOut(laboratory: Laboratory, mira: Person, project: string): Promise<Runs> {
  const hpaseg = Object.fromEntries(
    ['fov1', 'fov2', 'broken'].flatMap((sample, row) =>
      Object.entries({ red: 'fov1_red', yellow: 'fov1_yellow', blue: `${sample}_blue`, green: 'fov1_green', sample }).map(
        ([column, name]) => [`fovs.${row}.${column}`, column === 'sample' ? name : `${name}.tif`],
      ),
    ),
  );
  const [nuclei, pipex, reports] = [
    await mira.ended(project, 'nuclei', { image: 'project:DAPI.tif', pixelSize: '0.5', split: 'true' }),
    await mira.ended(project, 'pipex', PIPEX),
    await mira.ended(project, 'reports'),
  ];
  const sweep = await mira.sweep(project, 'nuclei', { sigma: '1, 2, 3', factor: '0.8, 1' }, { image: 'project:DAPI.tif', split: 'true' });
  const ended = {
    nuclei,
    pipex,
    reports,
    hpaseg: await mira.ended(project, 'hpaseg', { ...hpaseg, crop_cells: 'true', crop_size: '32' }),
    measure: await mira.ended(project, 'measure'),
    failed: await mira.ended(project, 'broken'),
  };
  const cancelled = await mira.run(project, 'slow', { label: 'by mistake' });
  await laboratory.untilState(cancelled, 'running');
  await mira.post(`/runs/${cancelled}/cancel`);
  await laboratory.untilQuiet();
  const unknown = await mira.run(project, 'unwatched');
  await laboratory.untilState(unknown, 'unknown');
  const running = await mira.run(project, 'slow', { label: 'the whole slide' });
  for (const label of ['its neighbour', 'a third']) await mira.run(project, 'slow', { label });
  await laboratory.untilState(running, 'running');
  const waiting = await mira.run(project, 'nuclei', { image: 'project:DAPI.tif' });
  const after = { after: String(running), 'p.image': 'after:*.tif' };
  const following = Number((await mira.post(`/projects/${project}/run/nuclei`, after)).location.split('/').at(-1));
  await mira.post(`/projects/${project}/run/nuclei`, { ...after, after: String(following) });
  return { ...ended, cancelled, unknown, running, waiting, following, sweep };
}

async function outside(album: Album, laboratory: Laboratory, mira: Person, root: Person, project: string): Promise<void> {
  const at = `/projects/${project}`;
  const as = mira.cookies;
  album.addBoth('home', 'dashboard', '/', as);
  album.addBoth('home', 'account', '/account', as);
  album.addBoth('home', 'account-tokens', '/account/tokens', as);
  album.add('home', 'account-deletion', '/account/delete', as);
  album.add('door', 'forgot', '/forgot');
  album.add('door', 'logged-out-here', '/login/left');
  album.add('door', 'link', linkFor(laboratory));
  album.add('home', 'account-menu', '/', as, { isCovered: true, act: (page) => page.locator('header details > summary').last().click() });
  album.addBoth('projects', 'projects', '/projects', as);
  album.add('projects', 'settings', `${at}/settings`, as);
  album.add('projects', 'tasks', `${at}/tasks`, as);
  album.add('projects', 'space', '/space', as);
  album.add('projects', 'space-of-project', `${at}/space`, as);
  album.addBoth('queue', 'queue', '/queue', as);
  album.add('queue', 'queue-of-administrator', '/queue', root.cookies);
  album.add('queue', 'queue-filtered', '/queue?whose=mine&state=failed&q=count', as);
  album.addBoth('queue', 'runners', '/admin/runners', root.cookies);
  album.addBoth('admin', 'order-of-queue', '/admin/queue', root.cookies);
  mailsOf(laboratory);
  album.addBoth('admin', 'mail', '/admin/mail', root.cookies);
  album.addBoth('admin', 'cleaner', '/admin/cleaner?days=30', root.cookies);
  album.add('door', 'expiring', expiringFor(laboratory));
  album.addBoth('admin', 'overview', '/admin', root.cookies);
  album.addBoth('admin', 'people', '/admin/people', root.cookies);
  album.addBoth('admin', 'person', `/admin/people/${laboratory.idOf('mira@example.org')}`, root.cookies);
  album.addBoth('admin', 'disk', '/admin/disk', root.cookies);
  album.addBoth('admin', 'audit', '/admin/audit', root.cookies);
  const group = await groupOf(root);
  album.addBoth('admin', 'groups', '/admin/groups', root.cookies);
  album.addBoth('admin', 'group', group, root.cookies);
  album.addBoth('admin', 'pipelines', '/admin/pipelines', root.cookies);
  album.addBoth('admin', 'pipeline', '/admin/pipelines/nuclei', root.cookies);
  album.add('admin', 'group-limits', `${group}/limits`, root.cookies);
  album.addBoth('help', 'help', '/help', as);
  album.addBoth('help', 'api', '/help/api', as);
  album.addBoth('help', 'api-area', '/help/api/runs', as);
  const guest = await laboratory.guest();
  album.add('home', 'dashboard-guest', '/', guest.cookies);
  album.add('projects', 'projects-guest', '/projects', guest.cookies);
}

/** Some groups. @returns the page of one with people in it. */
async function groupOf(root: Person): Promise<string> {
  for (const [name, description] of [
    ['Proteomics', 'Mass spectrometry, second floor'],
    ['Imaging core', 'Microscopes, and whoever brings samples'],
  ])
    await root.post('/admin/groups', { name, description });
  const [, group = ''] = /href="(\/admin\/groups\/[^"]+)"/.exec((await root.browser.get('/admin/groups')).body) ?? [];
  for (const who of ['mira@example.org', 'root@example.org']) await root.post(`${group}/members`, { who });
  return group;
}

/** Mails of every kind in the outbox: one waits, one failed, one was given up, one was sent. */
function mailsOf(laboratory: Laboratory): void {
  const columns = 'kind, attempt, recipient, subject, text_body, html_body, created_ms, next_try_ms, tries, sent_ms, last_error';
  const refused = '550 5.1.1 <karl@example.org>: Recipient address rejected: User unknown in virtual mailbox table';
  const now = Date.now();
  const rows: [string, string, string, number, number | null, string | null][] = [
    ['karl@example.org', 'Job #12 [count-cells] Complete', 'x', now + 900_000, null, refused],
    ['mira@example.org', 'A new password', '', 253_402_300_799_999, null, '421 the server is away'],
    ['mira@example.org', 'Job #14 [count-cells] Complete', 'x', now, null, null],
    ['mira@example.org', 'Job #11 [count-cells] Complete', 'x', now, now - 3_600_000, null],
  ];
  for (const [index, [recipient, subject, body, nextMs, sentMs, error]] of rows.entries())
    laboratory.change(
      `INSERT INTO mails (${columns}) VALUES ('test', ?, ?, ?, ?, ?, ?, ?, 3, ?, ?)`,
      index,
      recipient,
      subject,
      body,
      body,
      now - 7_200_000,
      nextMs,
      sentMs,
      error,
    );
}

/** A link as the mail about deletions has it, for all runs that are over. */
function expiringFor(laboratory: Laboratory): string {
  const token = newKey();
  const id = randomUUID();
  laboratory.change(
    "UPDATE queue SET warning_id = ?, warned_ms = 1 WHERE finished_ms IS NOT NULL AND owner_id = (SELECT id FROM users WHERE email = 'mira@example.org')",
    id,
  );
  const owner = "(SELECT id FROM users WHERE email = 'mira@example.org')";
  laboratory.change(
    `INSERT INTO removal_warnings (id, token_hash, owner_id, created_ms, expires_ms) VALUES (?, ?, ${owner}, ?, ?)`,
    id,
    hashOfKey(token),
    Date.now(),
    Date.now() + 86_400_000,
  );
  return `/expiring/${token}`;
}

/** A link as the mail for a new password has it. */
function linkFor(laboratory: Laboratory): string {
  const token = newKey();
  const columns = 'id, token_hash, purpose, user_id, email, created_ms, expires_ms';
  const values = [randomUUID(), hashOfKey(token), 'reset', null, 'mira@example.org', Date.now(), Date.now() + 3_600_000];
  laboratory.change(`INSERT INTO account_links (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`, ...values);
  return `/link/${token}`;
}

function files(album: Album, mira: Person, project: string): void {
  const at = `/projects/${project}`;
  const as = mira.cookies;
  const select = async (page: Page, name: string) => page.getByRole('checkbox', { name: `Select ${name}` }).check();
  album.addBoth('files', 'project', at, as);
  album.add('files', 'project-folder', `${at}?path=markers`, as);
  album.add('files', 'project-filtered', `${at}?filter=fov`, as);
  album.add('files', 'project-filtered-away', `${at}?filter=nothing+like+it`, as);
  album.add('files', 'entry-menu', at, as, {
    isCovered: true,
    act: (page) => page.locator('[data-entry][data-name="cells.csv"] details.menu > summary').click(),
  });
  album.add('files', 'selection', at, as, { isCovered: true, act: (page) => select(page, 'cells.csv') });
  for (const name of ['notes.txt', 'overview.png', 'DAPI.tif', 'plan.pdf', 'cells.csv', 'Plate 7.zip'])
    album.add('files', `view-${name.replace(/\W/g, '-')}`, `${at}/view/${encodeURIComponent(name)}`, as);
  album.add('files', 'checksum', `${at}/checksum/notes.txt`, as);
  album.add('files', 'trash', `${at}/trash`, as);
  album.addBoth('files', 'inbox', `${at}/inbox?from=shared`, as);
  album.add('files', 'pictures', at, as, {
    act: async (page) => {
      await page.getByRole('button', { name: 'Pictures' }).click();
      await page.locator('.tiles').waitFor();
    },
  });
}

function forms(album: Album, mira: Person, project: string, runs: Runs): void {
  const at = `/projects/${project}/run`;
  const as = mira.cookies;
  album.add('form', 'choose', at, as);
  album.addBoth('form', 'nuclei', `${at}/nuclei`, as);
  album.add('form', 'pipex', `${at}/pipex`, as);
  album.add('form', 'pipex-again', `${at}/pipex?from=${runs.pipex}`, as);
  album.add('form', 'hpaseg', `${at}/hpaseg`, as);
  album.add('form', 'several-runs', `${at}/quick`, as, {
    act: async (page) => {
      await page.locator('#run-sweep-part summary').click();
      await page.getByLabel('Field 1', { exact: true }).selectOption('Smoothing');
      await page.getByLabel('Values of field 1').fill('1..5');
      await page.getByText('5 runs', { exact: true }).waitFor();
    },
  });
  album.add('form', 'presets', `${at}/quick`, as, { act: (page) => page.locator('#run-presets summary').click() });
  album.add('form', 'preset-name', `${at}/quick`, as, {
    act: async (page) => {
      await page.locator('#run-presets summary').click();
      await page.getByRole('button', { name: 'Save as preset…' }).click();
      await page.locator('#preset-name').waitFor();
    },
  });
}

async function results(album: Album, laboratory: Laboratory, mira: Person, project: string, runs: Runs): Promise<void> {
  const as = mira.cookies;
  const at = (run: number) => `/runs/${run}`;
  for (const name of ['waiting', 'running', 'cancelled', 'unknown', 'failed'] as const) album.addBoth('run', name, at(runs[name]), as);
  album.addBoth('run', 'following', at(runs.following), as);
  album.addBoth('run', 'following-form', `/projects/${project}/run/nuclei?after=${runs.running}`, as);
  album.add('run', 'following-choice', `/projects/${project}/run?after=${runs.running}`, as);
  album.add('run', 'log', `${at(runs.nuclei)}/log`, as);
  album.addBoth('results', 'nuclei', at(runs.nuclei), as);
  for (const name of ['pipex', 'hpaseg', 'measure', 'reports'] as const) album.addBoth('results', name, at(runs[name]), as);
  album.add('views', 'viewer-layers', `${at(runs.nuclei)}/viewer?view=0`, as);
  album.add('views', 'viewer-pipex', `${at(runs.pipex)}/viewer?view=0`, as);
  album.add('views', 'viewer-image', `${at(runs.nuclei)}/viewer/labels.tif`, as);
  album.add('views', 'viewer-of-project', `/projects/${project}/viewer/DAPI.tif`, as);
  album.add('views', 'report', `${at(runs.reports)}/report/report.html`, as, { isNoisy: true });
  album.add('views', 'site', `${at(runs.reports)}/report/site/index.html`, as, { isNoisy: true });
  album.add('views', 'plot', `${at(runs.reports)}/plot/good.vl.json`, as);
  album.add('tables', 'table', `${at(runs.measure)}/table/cells.csv`, as);
  album.addBoth('tables', 'scatter', `${at(runs.measure)}/table/cells.csv?x=2&y=3`, as);
  album.add('tables', 'histogram-sorted', `${at(runs.measure)}/table/cells.csv?x=4&sort=4&dir=desc&f4=%3E+100`, as);
  album.add('tables', 'frequent', `${at(runs.measure)}/table/cells.csv?x=5`, as);
  album.add('tables', 'nuclei', `${at(runs.nuclei)}/table/cells.csv`, as);
  const numbers = [1, 2].map((step) => runs.reports + step);
  album.addBoth('compare', 'choose', `/projects/${project}/compare`, as);
  album.addBoth('compare', 'compare', `/projects/${project}/compare?run=${numbers.join('&run=')}`, as);
  album.add('compare', 'joined-table', `/projects/${project}/compare/table?file=cells.csv&runs=${numbers.join(',')}`, as);
  album.add('compare', 'linked-viewers', `/projects/${project}/compare/viewer?file=labels.tif&runs=${numbers.join(',')}`, as);
  album.addBoth('compare', 'sweep', runs.sweep, as);
  await schedules(album, mira, project, runs.nuclei);
  album.add('share', 'share-run', `${at(runs.nuclei)}/share`, as);
  const links = [
    await mira.share(`${at(runs.nuclei)}/share`, 'Reviewer 2'),
    await mira.share(`/projects/${project}/shares`, 'Ana in Vienna'),
  ];
  album.add('share', 'shares', `/projects/${project}/shares`, as);
  album.addBoth('share', 'shared-run', at(runs.nuclei), (await laboratory.visitor(links[0])).cookies);
  album.add('share', 'shared-project', `/projects/${project}/shared`, (await laboratory.visitor(links[1])).cookies);
  await mira.post(`/projects/${project}/run/quick/presets`, {
    name: 'Plate 7',
    entries: JSON.stringify({ label: 'Plate 7', sigma: '2.5' }),
  });
}

/** Two that start by themselves, one of them paused. */
async function schedules(album: Album, mira: Person, project: string, run: number): Promise<void> {
  const at = `/projects/${project}/schedules`;
  const entries = JSON.stringify({ image: 'project:DAPI.tif', pixelSize: '0.5', split: 'true' });
  const made = [];
  for (const [name, cron] of [
    ['Every night', '30 2 * * *'],
    ['Before the meeting', '0 7 * * mon,thu'],
  ]) {
    const fields = { pipeline: 'nuclei', entries, name, cron, timeZone: 'Europe/Vienna', skipsRunning: 'yes' };
    made.push((await mira.post(at, fields)).location);
  }
  await mira.post(`${made[1]}/pause`);
  await mira.readNotes();
  album.addBoth('projects', 'schedules', at, mira.cookies);
  album.addBoth('projects', 'schedule', made[0], mira.cookies);
  album.add('projects', 'schedule-change', `${made[0]}/change`, mira.cookies);
  album.addBoth('projects', 'schedule-new', `/projects/${project}/run/nuclei/schedule?from=${run}`, mira.cookies);
}

/** One of the project and one of a pipeline, to an address where nobody listens. */
async function webhooks(album: Album, mira: Person, root: Person, project: string): Promise<void> {
  const fields = { url: 'http://127.0.0.1:9/hooks/lab', states: 'failed' };
  for (const [person, path] of [
    [mira, `/projects/${project}/webhooks`],
    [root, '/admin/pipelines/nuclei/webhooks'],
  ] as const) {
    const { body } = await person.post(path, fields);
    const id = /webhooks\/([0-9a-f-]{36})\/pause/.exec(body)?.[1] ?? '';
    await person.post(`${path}/${id}/test`);
    await person.readNotes();
    const name = person === mira ? 'webhook' : 'webhook-of-pipeline';
    album.addBoth('projects', `${name}s`, path, person.cookies);
    album.addBoth('projects', name, `${path}/${id}`, person.cookies);
  }
}

/** Projects that people share by name, somebody who looks only, and a pipeline whose folder is gone. */
async function others(album: Album, laboratory: Laboratory, mira: Person, root: Person, project: string): Promise<void> {
  const demo = await laboratory.person('course@example.org');
  // As if the links had been followed that went there.
  laboratory.change("UPDATE users SET confirmed_ms = created_ms WHERE email IN ('mira@example.org', 'course@example.org')");
  for (const name of ['Reference slides', 'Calibration of the new camera']) {
    const shared = await root.project(name);
    await root.post(`/projects/${shared}/members`, { who: 'mira@example.org', role: name === 'Reference slides' ? 'run' : 'read' });
  }
  for (const who of ['course@example.org', 'root@example.org', 'nobody.here.yet@a-rather-long-name-of-an-institute.example.org'])
    await mira.post(`/projects/${project}/members`, { who, role: 'read' });
  const columns = 'pipeline_id, is_off, note, access, changed_by, changed_ms';
  laboratory.change(
    `INSERT INTO pipeline_settings (${columns}) VALUES ('stitch-tiles', 1, 'Off for maintenance until Friday', '"administrators"', 'root', ?)`,
    Date.now() - 86_400_000,
  );
  await mira.readNotes();
  await root.readNotes();
  album.addBoth('share', 'shared-projects', '/projects?whose=shared', mira.cookies);
  album.addBoth('share', 'members', `/projects/${project}/shares`, mira.cookies);
  album.addBoth('share', 'demo-account', '/projects', demo.cookies);
  album.addBoth('admin', 'pipelines-lost', '/admin/pipelines', root.cookies);
}
