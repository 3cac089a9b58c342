/**
 * A private Docker Engine for tests: own socket, data and state below one temporary folder, no network, no rule of the firewall touched.
 * Needs root. `startDockerd()` gives a running one with an image of busybox in it; run as a program it prints its address and stays
 * until it is interrupted.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const END_WITHIN_MS = 30_000;
/** The image that every test may use; its shell and tools are Debian's busybox-static. */
export const TEST_IMAGE = 'showrunner-test/busybox:1';
const CONTAINERD_PID = join('exec', 'containerd', 'containerd.pid');
const BUSYBOX = '/bin/busybox';
/** Debian keeps the daemon where only root looks. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };

/** Why no Docker Engine can be started here, or null. */
export function whyNoDockerd() {
  if (process.getuid?.() !== 0) return 'only root can start a Docker Engine of its own';
  if (spawnSync('dockerd', ['--version'], { env: ENVIRONMENT }).status !== 0) return 'dockerd is missing (Debian: docker.io)';
  return existsSync(BUSYBOX) ? null : `${BUSYBOX} is missing (Debian: busybox-static)`;
}

/**
 * Starts an engine and makes the image.
 * @param {{ liveRestore?: boolean }} [options] `liveRestore`: containers outlive the engine, as `"live-restore": true` in daemon.json does.
 */
export async function startDockerd({ liveRestore = true } = {}) {
  const reason = whyNoDockerd();
  if (reason) throw new Error(`The tests with real containers cannot run here: ${reason}.`);
  const engine = new Dockerd(mkdtempSync(join(tmpdir(), 'showrunner-dockerd-')), liveRestore);
  try {
    await engine.start();
    await engine.importImage(TEST_IMAGE, makeRoot(engine.folder));
  } catch (error) {
    await engine.remove();
    throw error;
  }
  return engine;
}

class Dockerd {
  child = null;

  constructor(folder, liveRestore) {
    this.folder = folder;
    this.liveRestore = liveRestore;
    this.socket = join(folder, 'docker.sock');
    this.host = `unix://${this.socket}`;
    this.log = '';
  }

  get pid() {
    return this.child?.pid ?? null;
  }

  /** Starts it, also after `kill`, with all the containers that it had. */
  async start() {
    // Their numbers may belong to somebody else by now, or to a process that nobody collects; it would wait for those.
    for (const name of ['docker.pid', CONTAINERD_PID]) rmSync(join(this.folder, name), { force: true });
    const words = [
      `--host=${this.host}`,
      `--data-root=${join(this.folder, 'data')}`,
      `--exec-root=${join(this.folder, 'exec')}`,
      `--pidfile=${join(this.folder, 'docker.pid')}`,
      '--iptables=false',
      '--ip-forward=false',
      '--ip-masq=false',
      '--bridge=none',
      '--log-level=warn',
      // Never the configuration of the machine.
      `--config-file=${this.configFile()}`,
    ];
    const child = spawn('dockerd', words, { stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT });
    this.child = child;
    child.stderr.on('data', (chunk) => (this.log = (this.log + chunk).slice(-8000)));
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.answers())) {
      if (child.exitCode !== null) throw new Error(`dockerd ended with ${child.exitCode}:\n${this.log}`);
      if (Date.now() > deadline) throw new Error(`dockerd was not ready after ${READY_WITHIN_MS / 1000} s:\n${this.log}`);
      await sleep(20);
    }
  }

  configFile() {
    const path = join(this.folder, 'daemon.json');
    writeFileSync(path, JSON.stringify({ 'live-restore': this.liveRestore }));
    return path;
  }

  answers() {
    return this.call('GET', '/_ping').then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  /** Ends the daemon, and nothing else: what becomes of its containers is what the test wants to see. */
  async end(signal = 'SIGTERM') {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
    await this.untilGone(join(this.folder, CONTAINERD_PID));
  }

  /** A killed daemon takes its containerd along, by the kernel and a moment later. */
  async untilGone(pidFile) {
    const pid = Number(readQuietly(pidFile));
    const deadline = Date.now() + END_WITHIN_MS;
    if (pid > 0) while (isRunning(pid) && Date.now() < deadline) await sleep(5);
  }

  kill() {
    return this.end('SIGKILL');
  }

  /** What a power failure leaves: no process of the engine or of its containers, nothing of what lies in memory. */
  async cutPower() {
    await this.kill();
    for (const pid of this.strays()) killQuietly(pid);
    for (const deadline = Date.now() + END_WITHIN_MS; this.strays().length > 0 && Date.now() < deadline;) await sleep(5);
    for (const place of this.mounts()) if (!place.endsWith('/data')) spawnSync('umount', ['--lazy', place]);
    rmSync(join(this.folder, 'exec'), { recursive: true, force: true });
  }

  /** Stops everything and removes every container, mount and file of it. */
  async remove() {
    if (await this.answers()) {
      const { body } = await this.call('GET', '/containers/json?all=1');
      await Promise.all(JSON.parse(body).map(({ Id }) => this.call('DELETE', `/containers/${Id}?force=1&v=1`)));
    }
    await this.end();
    for (const pid of this.strays()) killQuietly(pid);
    for (const place of this.mounts()) spawnSync('umount', ['--lazy', place]);
    for (let left = 100; ; left -= 1) {
      try {
        return rmSync(this.folder, { recursive: true, force: true });
      } catch (error) {
        if (left === 0) throw error;
        await sleep(50);
      }
    }
  }

  /** Shims and programs that outlived their daemon: the folder stands in the command line of each shim. */
  strays() {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const shims = pids.filter((pid) => readQuietly(`/proc/${pid}/cmdline`).includes(this.folder));
    const children = pids.filter((pid) => shims.includes(/^\d+ \(.*\) \S (\d+)/s.exec(readQuietly(`/proc/${pid}/stat`))?.[1] ?? ''));
    return [...children, ...shims].map(Number);
  }

  mounts() {
    const places = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '');
    return places.filter((place) => place.startsWith(`${this.folder}/`)).reverse();
  }

  /** Turns a folder into an image. */
  async importImage(name, root) {
    const tar = execFileSync('tar', ['-C', root, '-c', '.'], { maxBuffer: 256 * 1024 * 1024 });
    const [repo, tag] = name.split(/:(?=[^/]*$)/);
    const { status, body } = await this.call('POST', `/images/create?fromSrc=-&repo=${repo}&tag=${tag ?? 'latest'}`, tar);
    if (status !== 200 || body.includes('"error"')) throw new Error(`the image could not be made: ${body}`);
  }

  /** One question of the API. */
  call(method, path, body = null) {
    return new Promise((resolve, reject) => {
      const type = Buffer.isBuffer(body) ? 'application/x-tar' : 'application/json';
      const asked = request(
        { socketPath: this.socket, method, path, agent: false, headers: body ? { 'content-type': type } : {} },
        (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => resolve({ status: answer.statusCode, body: Buffer.concat(chunks).toString('utf8') }));
        },
      );
      asked.on('error', reject);
      asked.end(body && !Buffer.isBuffer(body) ? JSON.stringify(body) : body);
    });
  }
}

/** The files of the image: busybox under the names of all its tools, /tmp for everybody, no more. */
function makeRoot(folder) {
  const root = join(folder, 'image');
  for (const name of ['bin', 'etc']) mkdirSync(join(root, name), { recursive: true });
  mkdirSync(join(root, 'tmp'), { mode: 0o777 });
  execFileSync('chmod', ['1777', join(root, 'tmp')]);
  cpSync(BUSYBOX, join(root, 'bin', 'busybox'));
  const tools = execFileSync(BUSYBOX, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const tool of tools) if (tool !== 'busybox') symlinkSync('busybox', join(root, 'bin', tool));
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  return root;
}

function isRunning(pid) {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat !== '' && !/^\d+ \(.*\) [ZX] /s.test(stat);
}

function killQuietly(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function readQuietly(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

// Without an await out here, so that a test may also require this file.
if (import.meta.filename === process.argv[1]) void runAsProgram();

async function runAsProgram() {
  const engine = await startDockerd();
  process.stdout.write(`${engine.host}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void engine.remove().then(() => process.exit(0)));
}
