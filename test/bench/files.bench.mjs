/**
 * Large and many files through the web process: throughput against nginx and `zip -0` in the same run, with the same client, in turns;
 * pages of a folder with 100,000 files; 5,000 small files; and the most memory that the web process takes for each.
 * BENCH_FILES_MB=200 makes it short.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, closeSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { figure, openInstallation, percentile, until, freePort } from './harness.mjs';
import { Client, untilAnswers } from './files/client.mjs';
import { startNginx } from './files/nginx.mjs';

const MEGABYTES = Number(process.env.BENCH_FILES_MB ?? 2048);
const BYTES = MEGABYTES * 1024 * 1024;
const ROUNDS = 3;
/** What a browser sends in one request: `CHUNK_BYTES` in src/browser/uploads. */
const BROWSER_PIECE = 32 * 1024 * 1024;
const PARTS = 32;
const LISTED = 100_000;
const LOOKS = 60;
const SETTLED_MS = 5000;
const SMALL = 5000;
const SMALL_BYTES = 10_000;
const AT_ONCE = 4;
/** What a web process may take while it only passes bytes on, in MiB. */
const MOST_MEMORY = 250;

const atLeast = (share) => ({ aim: `≥ ${share}`, judge: (ratio) => ratio >= share });

export async function run() {
  const port = await freePort();
  const unlimited = { GUEST_SPACE: '0', GUEST_FILES: '0', GUEST_UPLOAD: '0', MAX_UPLOAD: '100 GB' };
  const installation = await openInstallation('sqlite', { PORT: String(port), ...unlimited });
  const nginx = await startNginx(join(installation.folder, 'nginx'), await freePort());
  const web = installation.start('web');
  try {
    await untilAnswers(port, '/readyz');
    const bench = { installation, nginx, web, client: new Client(port), figures: [] };
    await throughput(bench);
    await listing(bench);
    await smallFiles(bench);
    return bench.figures;
  } finally {
    await nginx?.close();
    await installation.close();
  }
}

/** A project with its folder on the disk. */
async function newProject({ client, installation }, name) {
  const id = client.token === '' ? await client.enter(name) : await client.createProject(name);
  const root = join(installation.folder, 'files');
  const owner = readdirSync(root).find((owner) => readdirSync(join(root, owner)).includes(id));
  return { id, folder: join(root, owner, id) };
}

async function throughput(bench) {
  const { client, nginx, web, figures } = bench;
  const project = await newProject(bench, 'Throughput');
  writeParts(join(project.folder, 'plate'));
  writeLarge(join(project.folder, 'large.bin'));
  const peer = nginx ? new Client(nginx.port) : null;
  // One content under two names would be one file with two names, which is not handed out.
  if (nginx) writeLarge(join(nginx.data, 'large.bin'));
  const pairs = {
    zip: {
      own: () => client.download(`/projects/${project.id}/zip?path=plate`),
      peer: () => zipToPipe(project.folder),
    },
    down: {
      own: () => client.download(`/projects/${project.id}/files/large.bin`),
      peer: peer && (() => peer.download('/large.bin')),
    },
    up: {
      own: () => client.upload(project.id, 'sent.bin', BYTES),
      peer: peer && (() => peer.send('/sent.bin', 'PUT', BYTES)),
      after: () => removeSent(project, nginx),
    },
    pieces: {
      own: () => client.upload(project.id, 'sent.bin', BYTES, BROWSER_PIECE),
      peer: peer && (() => peer.send('/sent.bin', 'PUT', BYTES)),
      after: () => removeSent(project, nginx),
    },
  };
  const speeds = Object.fromEntries(Object.keys(pairs).map((name) => [name, { own: [], peer: [], memory: 0 }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, pair] of Object.entries(pairs)) await compareOnce(pair, speeds[name], web, round % 2 === 1);
  }
  const compare = (metric, { own, peer: other }, name, share) => {
    const ratio = median(own.map((speed, round) => speed / other[round]));
    return figure(
      'files',
      metric,
      median(own),
      'MB/s',
      other.length === 0 ? {} : { peer: name, peerValue: median(other), ratio, ...atLeast(share) },
    );
  };
  figures.push(
    compare(`zip of ${MEGABYTES} MB in ${PARTS} files`, speeds.zip, 'zip -0', 0.9),
    compare(`download of ${MEGABYTES} MB`, speeds.down, 'nginx', 0.9),
    compare(`upload of ${MEGABYTES} MB by tus, with checksums`, speeds.up, 'nginx PUT', 0.8),
    compare('the same in pieces of 32 MiB, as browsers send it', speeds.pieces, 'nginx PUT', 0.5),
    ...Object.entries({ zip: 'zip', down: 'a download', up: 'an upload' }).map(([key, what]) =>
      figure('files', `memory of web while it serves ${what}`, speeds[key].memory, 'MiB', { most: MOST_MEMORY }),
    ),
  );
  rmSync(project.folder, { recursive: true });
}

async function listing(bench) {
  const { client, web, figures } = bench;
  const project = await newProject(bench, 'Many files');
  for (let index = 0; index < LISTED; index += 1)
    writeFileSync(join(project.folder, `cell ${index}.tif`), index % 100 === 0 ? 'x'.repeat(index % 977) : '');
  const open = async (query) => {
    const begin = performance.now();
    const { status } = await client.ask(`/projects/${project.id}?${query}`);
    if (status !== 200) throw new Error(`the list answered ${status}`);
    return performance.now() - begin;
  };
  clearPeak(web);
  figures.push(figure('files', `first look into a folder of ${LISTED} files`, await open('sort=name'), 'ms'));
  // Nobody trusts the times of a folder that changes while it is looked at.
  await sleep(SETTLED_MS);
  for (const sort of ['name', 'size', 'date']) {
    await open(`sort=${sort}`);
    const times = [];
    for (let look = 0; look < LOOKS; look += 1) times.push(await open(`sort=${sort}&page=${1 + ((look * 17) % 400)}`));
    figures.push(figure('files', `page of ${LISTED} files by ${sort}, p95`, percentile(times, 0.95), 'ms', { most: 300 }));
  }
  figures.push(figure('files', 'memory of web while it lists', peakMiB(web), 'MiB'));
  rmSync(project.folder, { recursive: true });
}

async function smallFiles(bench) {
  const { client, web, figures } = bench;
  const project = await newProject(bench, 'Small files');
  const content = randomBytes(SMALL_BYTES);
  clearPeak(web);
  const begin = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < SMALL) await client.uploadSmall(project.id, `small ${next++}.bin`, content);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const byTus = SMALL / ((performance.now() - begin) / 1000);
  figures.push(figure('files', `${SMALL} files of 10 kB by tus`, byTus, 'files/s'));
  figures.push(figure('files', 'memory of web meanwhile', peakMiB(web), 'MiB'));
  const source = join(bench.installation.folder, 'small');
  mkdirSync(source);
  for (let index = 0; index < SMALL; index += 1) writeFileSync(join(source, `small ${index}.bin`), content);
  await ended(spawn('zip', ['-0', '-q', '-r', join(bench.installation.folder, 'small.zip'), 'small'], { cwd: bench.installation.folder }));
  const archive = readFileSync(join(bench.installation.folder, 'small.zip'));
  clearPeak(web);
  const again = performance.now();
  await client.uploadSmall(project.id, 'all.zip', archive);
  await client.post(`/projects/${project.id}/files/extract`, { name: 'all.zip' });
  await until(() => isThere(join(project.folder, 'small')), 300_000, 'the archive is unpacked');
  const byZip = SMALL / ((performance.now() - again) / 1000);
  figures.push(figure('files', 'the same in one zip, sent and unpacked', byZip, 'files/s', { peer: 'by tus', peerValue: byTus }));
  figures.push(figure('files', 'memory of web meanwhile', peakMiB(web), 'MiB'));
}

/** One round of ours and theirs, the one straight after the other; who comes first changes, because the second finds the disk busy. */
async function compareOnce({ own, peer, after }, speeds, web, peerFirst) {
  const sides = [
    ['own', own],
    ['peer', peer],
  ].filter(([, work]) => work);
  for (const [side, work] of peerFirst ? sides.reverse() : sides) {
    clearPeak(web);
    const begin = performance.now();
    await work();
    speeds[side].push(BYTES / 1e6 / ((performance.now() - begin) / 1000));
    if (side === 'own') speeds.memory = Math.max(speeds.memory, peakMiB(web));
    after?.();
  }
}

function removeSent(project, nginx) {
  for (const folder of [project.folder, nginx?.data]) if (folder) rmSync(join(folder, 'sent.bin'), { force: true });
}

/** What people do in a shell, read by the same process that reads the product's answer. */
async function zipToPipe(folder) {
  const child = spawn('zip', ['-0', '-q', '-r', '-', 'plate'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.on('data', () => {});
  await ended(child);
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`ended with ${code}`))));
  });
}

function writeParts(folder) {
  mkdirSync(folder);
  for (let part = 0; part < PARTS; part += 1) writeRandom(join(folder, `field ${part}.tif`), BYTES / PARTS);
}

function writeLarge(path) {
  writeRandom(path, BYTES);
}

/** What does not compress, and is not the same twice within a window of a compressor. */
function writeRandom(path, bytes) {
  const piece = randomBytes(8 * 1024 * 1024);
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes;) written += writeSync(file, piece, 0, Math.min(piece.length, bytes - written));
  closeSync(file);
}

function isThere(path) {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Lets the kernel begin anew with the peak of a process. */
function clearPeak({ pid }) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

function peakMiB({ pid }) {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function median(values) {
  return percentile(values, 0.5);
}
