/**
 * The page of the queue with a million runs behind it that have ended, on both databases: as it opens, and as people narrow it down.
 * BENCH_DEPTH=100000 makes it short.
 */
import { Client, untilAnswers } from '../files/client.mjs';
import { DATABASES, figure, freePort, openInstallation, openServices, percentile } from '../harness.mjs';
import { aRunner } from '../queue/drain.mjs';
import { fill, numbers } from '../queue/fill.mjs';

const ENDED = Number(process.env.BENCH_DEPTH ?? 1_000_000);
const [FAILED, OWN, WAITING, LOOKS, FIRST_LOOKS] = [1000, 300, 30, 200, 20];
const MOST_MS = 50;
const MANIFEST = JSON.stringify({ parameters: [{ name: 'image', label: 'Image', type: 'file' }] });

export async function alone() {
  const figures = [];
  for (const kind of DATABASES) figures.push(...(await onDatabase(kind)));
  return figures;
}

async function onDatabase(kind) {
  const port = await freePort();
  const installation = await openInstallation(kind, { PORT: String(port), RUNNER_STALE: '1h' });
  try {
    installation.start('web');
    await untilAnswers(port, '/readyz');
    const client = new Client(port);
    const project = await client.enter('Results');
    await fillAll(installation, project);
    const figures = [];
    for (const [words, address] of Object.entries(LOOKED_AT)) {
      const times = await timesOf(client, address);
      const aim = { aim: `≤ ${MOST_MS} ms`, judge: (value) => value <= MOST_MS };
      figures.push(figure('show', `${kind}: queue page, ${ENDED} ended behind it, ${words}, p95`, percentile(times, 0.95), 'ms', aim));
    }
    return figures;
  } finally {
    await installation.close();
  }
}

const LOOKED_AT = {
  'as it opens': () => '/queue',
  'one of its older pages': older,
  'own runs': () => '/queue?whose=mine',
  'failed ones': () => '/queue?state=failed',
  'of a state that none ended in': () => '/queue?state=lost',
  'a common word': () => '/queue?q=nuclei',
  'the number of a run': () => '/queue?q=%2317',
  'a word that is nowhere': () => '/queue?q=nowhere',
};

/** The next page each time, so that none is read twice. */
async function older(client, last) {
  const { text } = await client.ask(last ?? '/queue');
  const [, before] = /before(?:=|&#x3D;)(\d+-\d+)/.exec(text) ?? [];
  if (!before) throw new Error('there are no older pages');
  return `/queue?before=${before}`;
}

async function timesOf(client, address) {
  const times = [];
  let path;
  for (let look = 0; look < FIRST_LOOKS + LOOKS; look += 1) {
    path = await address(client, path);
    const began = performance.now();
    const { status } = await client.ask(path);
    if (status !== 200) throw new Error(`${path}: ${status}`);
    // What takes long takes long each time.
    if (look >= FIRST_LOOKS || performance.now() - began > 1000) times.push(performance.now() - began);
    if (times.length >= 3 && percentile(times, 0.5) > 1000) break;
  }
  return times;
}

/** Nearly all runs have succeeded, those of the one who looks are the oldest, and each has what was entered for it. */
async function fillAll(installation, project) {
  const isSqlite = installation.kind === 'sqlite';
  const services = await openServices(installation);
  try {
    const { DataSource } = await import('typeorm');
    const query = (text) => services.context.get(DataSource, { strict: false }).query(text);
    const [{ id: owner }] = await query('SELECT id FROM users');
    const people = { owners: 20, pipelines: 4 };
    const word = (prefix) => (isSqlite ? `'${prefix}' || n` : `CONCAT('${prefix}', n)`);
    await query(
      `INSERT INTO users (id, kind, display_name, is_admin, created_ms, last_seen_ms)
       SELECT ${word('person-')}, 'guest', ${word('Guest ')}, 0, 1, 1 FROM (${numbers()}) numbers WHERE n < ${people.owners}`,
    );
    await query(
      `INSERT INTO projects (id, owner_id, name, created_ms, changed_ms)
       SELECT ${word('project-')}, 'person-0', ${word('Slides ')}, 1, 1 FROM (${numbers()}) numbers WHERE n < 1000`,
    );
    await fill(query, isSqlite, OWN, { ...people, state: 'succeeded', owner, project });
    await fill(query, isSqlite, FAILED, { ...people, state: 'failed' });
    await fill(query, isSqlite, ENDED - OWN - FAILED, { ...people, state: 'succeeded' });
    await fill(query, isSqlite, WAITING, { ...people, state: 'queued' });
    await query(
      `INSERT INTO run_details (run_id, parameters, manifest) SELECT id, '{"image":"project:slide.tif"}', '${MANIFEST}' FROM queue`,
    );
    // It does so by itself, later.
    if (!isSqlite) await query('ANALYZE TABLE queue');
    await services.service('common/queue/queue-store.js', 'QueueStore').registerRunner(aRunner('first', 4));
  } finally {
    await services.close();
  }
}
