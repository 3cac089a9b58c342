import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePipelines } from '../pipeline-folder';
import { startMailServer, type TestMailServer } from '../mail-server';
import { until } from '../until';

const HOME = resolve(__dirname, '..', '..');
const TEMPORARY = join(HOME, 'test', '.tmp');
const SOURCES = ['src', 'test/tools/build-assets.mjs', 'tsconfig.json'];
const STOP_WITHIN_MS = 15_000;

type Ended = number | NodeJS.Signals | null;

/** Showrunner as people run it: its compiled processes on a fresh SQLite database, under the name lab.test, with a mail server that keeps all mails. */
export interface RunningProduct {
  /** `http://lab.test:<port>`. */
  address: string;
  port: number;
  /** Where it keeps its data. */
  folder: string;
  mails: TestMailServer;
  /** What the processes have written so far. */
  log(): string;
  /** Ends the web process as a signal does; the runner and what it runs stay. */
  stopWeb(): Promise<Ended>;
  startWeb(): Promise<void>;
  /** Process id of the web process. */
  webPid(): number;
  /** Ends both and removes everything. @returns how each ended: its exit status, or the signal that it obeyed. */
  close(): Promise<Ended[]>;
}

/** @param scripts further pipelines: annotated scripts by name, or the files of folders by their path. */
export async function startProduct(scripts: Record<string, string> = {}, settings: Record<string, string> = {}): Promise<RunningProduct> {
  buildIfStale();
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-e2e-'));
  const pipelines = pipelinesWith(scripts);
  const mails = await startMailServer();
  const port = await freePort();
  const address = `http://lab.test:${port}`;
  const environment = {
    PATH: process.env['PATH'] ?? '',
    DATA_DIR: folder,
    PIPELINES_DIR: pipelines,
    PORT: String(port),
    PUBLIC_URL: address,
    ALLOWED_HOSTS: 'lab.test',
    SMTP_URL: mails.url,
    RUNNER_NAME: 'ws-core-1',
    RUNNER_SLOTS: '2',
    STOP_GRACE: '2s',
    SITE_NAME: 'Bioimaging Core',
    CONTACT_EMAIL: 'imaging@example.org',
    ...settings,
  };
  let log = '';
  const start = (name: string): ChildProcess => {
    const child = spawn(process.execPath, [join(HOME, 'dist', name)], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()));
    return child;
  };
  const migration = spawnSync(process.execPath, [join(HOME, 'dist', 'migrate')], { env: environment, encoding: 'utf8' });
  if (migration.status !== 0) throw new Error(`migrate failed: ${migration.stderr}${migration.stdout}`);
  const runner = start('runner');
  let web: ChildProcess | undefined;
  const startWeb = async (): Promise<void> => {
    web = start('web');
    await until(() => answers(port), 30_000).catch((error: Error) => Promise.reject(new Error(`${error.message}\n${log}`)));
  };
  await startWeb();
  return {
    address,
    port,
    folder,
    mails,
    log: () => log,
    stopWeb: () => stop(web),
    startWeb,
    webPid: () => web!.pid!,
    close: async () => {
      const statuses = [await stop(web), await stop(runner)];
      await mails.close();
      for (const path of [folder, pipelines]) rmSync(path, { recursive: true, force: true });
      return statuses;
    },
  };
}

/** Compiles when a source is newer than what was compiled last, so that nobody tests yesterday's product. */
function buildIfStale(): void {
  const built = join(HOME, 'dist', 'public', 'assets.json');
  const sources = Math.max(...SOURCES.map((name) => newest(join(HOME, name))));
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: HOME, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`);
}

function newest(path: string): number {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** The shipped pipelines and further ones, below the installation: the shipped ones use its packages. */
function pipelinesWith(scripts: Record<string, string>): string {
  mkdirSync(TEMPORARY, { recursive: true });
  const target = mkdtempSync(join(TEMPORARY, 'pipelines-'));
  cpSync(join(HOME, 'config', 'pipelines'), target, { recursive: true });
  writePipelines(target, scripts);
  return target;
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
  } catch {
    return false;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolvePromise) => server.listen(0, '127.0.0.1', resolvePromise));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolvePromise) => server.close(resolvePromise));
  return port;
}

async function stop(child: ChildProcess | undefined): Promise<Ended> {
  if (!child) return null;
  child.kill('SIGTERM');
  await until(() => child.exitCode !== null || child.signalCode !== null, STOP_WITHIN_MS);
  return child.exitCode ?? child.signalCode;
}
