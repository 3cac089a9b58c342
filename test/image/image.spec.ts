import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { multipart } from '../multipart';
import { startDockerd, type Dockerd } from '../tools/dockerd.mjs';
import { until } from '../until';
import { TestBrowser } from '../web-app';

const HOME = resolve(__dirname, '..', '..');
const BASE = 'showrunner-test/node:24';
const IMAGE = 'showrunner-test/showrunner:1';
const USER = 10_001;
const BUILD_WITHIN_MS = 900_000;

interface Service {
  command: string;
  read_only: boolean;
  tmpfs: string[];
  cap_drop: string[];
  security_opt: string[];
  healthcheck?: { disable: boolean };
}

/**
 * docker/Dockerfile, built and run for real under what docker/compose.sqlite.yaml says. It needs the registry of packages and some
 * minutes: `npm run campaign image`.
 */
describe('the image', () => {
  let docker: Dockerd;
  let folder: string;
  let port: number;

  const call = (...words: string[]) => execFileSync('docker', ['--host', docker.host, ...words], { encoding: 'utf8', maxBuffer: 1e8 });
  const services = (
    parse(readFileSync(join(HOME, 'docker', 'compose.sqlite.yaml'), 'utf8'), { merge: true }) as { services: Record<string, Service> }
  ).services;

  beforeAll(async () => {
    const { makeBaseRoot, whyNoBaseImage } = await import('./base-image.mjs');
    const reason = whyNoBaseImage();
    if (reason) throw new Error(`The image cannot be built here: ${reason}.`);
    folder = mkdtempSync(join(tmpdir(), 'showrunner-image-'));
    docker = await startDockerd();
    makeBaseRoot(join(folder, 'base'));
    const tar = join(folder, 'base.tar');
    execFileSync('tar', ['-C', join(folder, 'base'), '-cf', tar, '.']);
    call('import', '--change', `ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt`, tar, BASE);
    const words = ['--network', 'host', '--build-arg', `BASE_IMAGE=${BASE}`, '-f', join(HOME, 'docker', 'Dockerfile'), '-t', IMAGE, HOME];
    execFileSync('docker', ['--host', docker.host, 'build', ...words], { stdio: 'inherit', env: { ...process.env, DOCKER_BUILDKIT: '0' } });
    mkdirSync(join(folder, 'data'));
    chownSync(join(folder, 'data'), USER, USER);
    port = await freePort();
  }, BUILD_WITHIN_MS);
  afterAll(async () => {
    await docker?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Words of `docker run` for a service of the compose file. */
  function asComposed(name: string, settings: Record<string, string> = {}): string[] {
    const service = services[name];
    return [
      ...(service.read_only ? ['--read-only'] : []),
      ...service.tmpfs.flatMap((path) => ['--tmpfs', path]),
      ...service.cap_drop.flatMap((one) => ['--cap-drop', one]),
      ...service.security_opt.flatMap((one) => ['--security-opt', one]),
      ...(service.healthcheck?.disable ? ['--no-healthcheck'] : ['--health-interval', '1s']),
      ...Object.entries({ PORT: String(port), ...settings }).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
      '--init',
      '--network',
      'host',
      '-v',
      `${join(folder, 'data')}:/data`,
      IMAGE,
    ];
  }

  it('begins without rights: no capability, a read-only root, an own user', () => {
    for (const [name, service] of Object.entries(services)) {
      expect([name, service.read_only, service.cap_drop, service.security_opt]).toEqual([name, true, ['ALL'], ['no-new-privileges:true']]);
    }
    const told = call(
      'run',
      '--rm',
      ...asComposed('web'),
      'sh',
      '-c',
      'id -u; touch /app/x /data/x 2>&1; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status',
    );
    expect(told).toMatch(
      /^10001\n.*\/app\/x.*Read-only file system\nNoNewPrivs:\t1\nCapEff:\t0+\n$|^10001\n.*\/app\/x.*Read-only file system\nCapEff:\t0+\nNoNewPrivs:\t1\n$/,
    );
  });

  it('serves, runs and cleans, says that it is healthy, and stops when told', async () => {
    call('run', '--rm', ...asComposed('migrate'), 'node', 'dist/migrate');
    const web = call('run', '-d', ...asComposed('web')).trim();
    const runner = call('run', '-d', ...asComposed('runner', { RUNNER_NAME: 'runner-1' }), 'node', 'dist/runner').trim();
    await until(async () => call('inspect', '-f', '{{.State.Health.Status}}', web).trim() === 'healthy', 60_000);
    const browser = new TestBrowser(port);
    await browser.signUp();
    const project = (await browser.postForm('/projects', { name: 'Image' }, { page: '/projects' })).location!;
    const { body, contentType } = multipart([
      { name: '_csrf', content: await browser.token('/projects') },
      { name: 'files', fileName: 'two.fasta', content: '>a\nACGT\n>b\nGGCC\n' },
    ]);
    await browser.send(`${project}/files`, { method: 'POST', headers: { 'content-type': contentType }, body });
    const form = `${project}/run/fasta-stats`;
    const submission = /name="submission" value="([^"]+)"/.exec((await browser.get(form)).body)![1];
    const fields = {
      submission,
      'p.input': 'project:two.fasta',
      'p.shortest': '0',
      'p.output_table': 'table.tsv',
      'p.output_summary': 'summary.txt',
    };
    const run = (await browser.postForm(form, fields)).location!;
    await until(async () => (await browser.get(run)).body.includes('data-run-state="succeeded"'), 60_000);
    expect(call('run', '--rm', ...asComposed('cleaner'), 'node', 'dist/cleaner')).not.toContain('"level":"error"');
    for (const id of [web, runner]) {
      call('stop', '--time', '30', id);
      // By itself, or by the signal after it has finished.
      expect(['0', '143']).toContain(call('inspect', '-f', '{{.State.ExitCode}}', id).trim());
    }
    expect(spawnSync('docker', ['--host', docker.host, 'logs', web], { encoding: 'utf8' }).stdout).not.toContain('"level":"error"');
  }, 180_000);
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
