import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startCuttingProxy } from '../../cutting-proxy';
import { openTestDatabase, type TestDatabase } from '../../database';
import { makePipelines } from '../../pipeline-folder';
import { compileProduct, type Product } from '../../product';
import { startRefusingProxy } from '../../refusing-proxy';
import { mainOf, TestBrowser } from '../../web-app';
import { startWebProcess, type WebProcess } from '../../web-process';

const PASSWORD = 'a few good words';
const EMAIL = 'ana@example.org';
/** `npm run campaign client` sends 4 GB. */
const LARGE = Number(process.env['PUT_BYTES'] ?? 24_000_000);
const CUTS = 10;

const COUNT = `#!/bin/sh
##~~ title: Count
##~~ input - what is counted
##~~ status:integer=0 - with which it ends
##~~ output=count.txt - the result
echo "counting $1"; sleep 1; wc -c <"$1" | tr -d ' ' >"$3"; echo counted; exit "$2"
`;
const SLEEP = '#!/bin/sh\n##~~ output=x.txt - nothing\necho asleep; sleep 60\n';

interface Said {
  status: number | null;
  out: string;
  err: string;
}

/** The journey of somebody who has nothing but the client, in a folder where nothing else of the product is. */
describe('the command-line client', () => {
  let folder: string;
  let pipelines: string;
  let product: Product;
  let database: TestDatabase;
  let web: WebProcess;
  let runner: ChildProcess;
  let client: string;
  let browser: TestBrowser;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'showrunner-journey-'));
    pipelines = makePipelines({ count: COUNT, sleep: SLEEP });
    product = compileProduct();
    database = await openTestDatabase({ PIPELINES_DIR: pipelines });
    web = await startWebProcess(product, database);
    const env = { PATH: process.env['PATH'] ?? '', ...database.environment };
    runner = spawn(process.execPath, [join(product.home, 'dist', 'runner.js')], { env, stdio: 'ignore' });
    const tool = resolve(__dirname, '..', '..', 'tools', 'pack-client.mjs');
    const packed = execFileSync(process.execPath, [tool, join(product.home, 'dist'), folder], { encoding: 'utf8' }).trim();
    execFileSync('npm', ['install', '--silent', '--offline', '--no-audit', '--no-fund', `--prefix=${join(folder, 'alone')}`, packed], {
      cwd: folder,
    });
    client = join(folder, 'alone', 'node_modules', '.bin', 'showrunner');
    browser = new TestBrowser(web.port);
    await browser.signUp(EMAIL, PASSWORD);
  }, 120_000);
  afterAll(async () => {
    await web?.kill();
    runner?.kill('SIGTERM');
    await database?.close();
    product?.remove();
    for (const path of [folder, pipelines]) rmSync(path, { recursive: true, force: true });
  });

  const site = (port = web.port) => `http://localhost:${port}`;

  function showrunner(
    words: string[],
    { input = '', settings = {} }: { input?: string; settings?: Record<string, string> } = {},
  ): Promise<Said> {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, TZ: 'UTC', ...settings };
    const child = spawn(client, words, { env, cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    const said: Said = { status: null, out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
    child.stdin.end(input);
    return new Promise((done, reject) => {
      child.on('error', reject);
      child.on('close', (status) => done({ ...said, status }));
    });
  }

  async function works(...words: string[]): Promise<string> {
    const said = await showrunner(words);
    expect([words, said.status, said.err]).toEqual([words, 0, said.err]);
    return said.out;
  }

  it('needs nothing beside itself', () => {
    const about = JSON.parse(readFileSync(join(folder, 'alone', 'node_modules', 'showrunner-client', 'package.json'), 'utf8')) as object;
    expect(Object.keys(about)).not.toContain('dependencies');
  });

  it('explains itself, and says in one line and by its exit status what is wrong', async () => {
    expect((await showrunner(['--help'])).out).toContain('showrunner login http://lab1:8080');
    const wrong: [string[], number, string][] = [
      [['fly'], 64, 'There is no command fly.'],
      [['put', 'x'], 64, 'put needs a project'],
      [['projects', '--fast'], 64, 'There is no option --fast here.'],
      [['projects'], 77, 'Log in first'],
      [['projects', '--site', 'http://127.0.0.1:1'], 77, 'Log in first: showrunner login http://127.0.0.1:1'],
      [['login', 'http://127.0.0.1:1', '--token-stdin'], 69, 'http://127.0.0.1:1 cannot be reached'],
    ];
    for (const [words, status, line] of wrong) {
      const said = await showrunner(words);
      expect([words, said.status, said.out, said.err]).toEqual([words, status, '', expect.stringContaining(line)]);
    }
  }, 60_000);

  it('logs in with a password that no list of processes shows, and keeps a token that nobody else reads', async () => {
    const wrong = await showrunner(['login', site(), '--email', EMAIL, '--password-stdin'], { input: 'other words\n' });
    expect([wrong.status, wrong.err]).toEqual([65, expect.stringContaining('Email or password is wrong.')]);
    const said = await showrunner(['login', site(), '--email', EMAIL, '--password-stdin'], { input: `${PASSWORD}\n` });
    expect([said.status, said.out]).toEqual([0, `Logged in at ${site()} as ${EMAIL}.\n`]);
    const kept = join(folder, '.config', 'showrunner', 'credentials.json');
    expect((statSync(kept).mode & 0o777).toString(8)).toBe('600');
    expect(readFileSync(kept, 'utf8')).toMatch(/srn_[\w-]{43}/);
    expect(readFileSync(kept, 'utf8')).not.toContain(PASSWORD);
    expect(mainOf(await browser.get('/account/tokens'))).toContain('showrunner on ');
  });

  it('makes a project, puts a folder into it, and leaves alone what is there already', async () => {
    expect(await works('projects', 'new', 'Slide 4')).toContain('There is a project Slide 4 now.');
    mkdirSync(join(folder, 'slides', 'deep', 'empty'), { recursive: true });
    writeFileSync(join(folder, 'slides', 'ä b.txt'), 'seven cells');
    writeFileSync(join(folder, 'slides', 'deep', 'none.txt'), '');
    const put = JSON.parse(await works('put', 'Slide 4', 'slides', '--to', 'in/2026', '--json')) as {
      files: { path: string; outcome: string }[];
    };
    expect(put.files.map(({ path, outcome }) => [path, outcome])).toEqual([
      ['in/2026/slides/deep/none.txt', 'stored'],
      ['in/2026/slides/ä b.txt', 'stored'],
    ]);
    expect(await works('put', 'Slide 4', 'slides', '--to', 'in/2026')).toMatch(
      /none\.txt +0 bytes +was there already\n.*was there already/,
    );
    writeFileSync(join(folder, 'slides', 'ä b.txt'), 'eight cells!');
    const taken = await showrunner(['put', 'Slide 4', 'slides', '--to', 'in/2026']);
    expect([taken.status, taken.err]).toEqual([65, expect.stringContaining('Say --skip, --replace or --keep-both.')]);
    expect(await works('put', 'Slide 4', 'slides', '--to', 'in/2026', '--replace')).toContain('in place of the old one');
    await works('get', 'Slide 4', 'in/2026/slides', '--to', 'back');
    expect(readFileSync(join(folder, 'back', 'slides', 'ä b.txt'), 'utf8')).toBe('eight cells!');
    expect(existsSync(join(folder, 'back', 'slides', 'deep', 'none.txt'))).toBe(true);
    expect((await showrunner(['put', 'Slide 5', 'slides'])).err).toContain('There is no project Slide 5.');
  }, 60_000);

  it(
    `puts a large file whole over a connection that breaks ${CUTS} times, and takes it back`,
    async () => {
      const digest = await fill(join(folder, 'large.bin'), LARGE);
      const proxy = await startCuttingProxy(web.port, { cuts: CUTS, after: LARGE / (CUTS + 3) });
      const token = /srn_[\w-]{43}/.exec(readFileSync(join(folder, '.config', 'showrunner', 'credentials.json'), 'utf8'))![0];
      const settings = { SHOWRUNNER_SITE: site(proxy.port), SHOWRUNNER_TOKEN: token };
      const said = await showrunner(['put', 'Slide 4', 'large.bin', '--json'], { settings });
      expect([said.status, said.err]).toEqual([0, said.err]);
      expect(JSON.parse(said.out)).toMatchObject({ files: [{ path: 'large.bin', size: LARGE, outcome: 'stored' }] });
      expect(proxy.cuts()).toBe(CUTS);
      await proxy.close();
      await works('get', 'Slide 4', 'large.bin', '--to', 'whole');
      expect(await digestOf(join(folder, 'whole', 'large.bin'))).toBe(digest);
    },
    120_000 + LARGE / 5000,
  );

  it('sends several small files at a time over few connections, which all wait when it has asked too often, and says so once', async () => {
    mkdirSync(join(folder, 'many'));
    const names = Array.from({ length: 20 }, (_, index) => `${10 + index}.txt`);
    for (const name of names) writeFileSync(join(folder, 'many', name), `cell ${name}`);
    const token = /srn_[\w-]{43}/.exec(readFileSync(join(folder, '.config', 'showrunner', 'credentials.json'), 'utf8'))![0];
    // One that begins an upload and one that sends it.
    const proxy = await startRefusingProxy(web.port, { refused: ['POST 2', 'PATCH 12'], retryAfter: 1 });
    const settings = { SHOWRUNNER_SITE: site(proxy.port), SHOWRUNNER_TOKEN: token };
    const said = await showrunner(['put', 'Slide 4', 'many', '--json'], { settings });
    await proxy.close();
    const { files } = JSON.parse(said.out) as { files: { path: string; outcome: string; breaks: number }[] };
    expect([said.status, files.map(({ path, outcome, breaks }) => `${path} ${outcome} ${breaks}`)]).toEqual([
      0,
      names.map((name) => `many/${name} stored 0`),
    ]);
    expect(said.err.match(/asks to be asked less often: this goes on in 1 s\./g)).toHaveLength(2);
    expect(proxy.refusals()).toEqual(['POST 2', 'PATCH 12']);
    // At most what was under way.
    expect(proxy.impatient()).toBeLessThan(8);
    expect(proxy.connections()).toBeLessThan(10);
    const taken = JSON.parse(await works('get', 'Slide 4', 'many', '--to', 'took', '--json')) as { files: { file: string }[] };
    expect(taken.files.map(({ file }) => file)).toEqual(names.map((name) => `took/many/${name}`));
    for (const name of names) expect(readFileSync(join(folder, 'took', 'many', name), 'utf8')).toBe(`cell ${name}`);
    writeFileSync(join(folder, 'many', '12.txt'), 'another cell');
    const stopped = await showrunner(['put', 'Slide 4', 'many']);
    expect([stopped.status, stopped.err]).toEqual([65, expect.stringMatching(/^many\/12\.txt is there already/)]);
    expect(stopped.out).toMatch(/^many\/10\.txt .*was there already\nmany\/11\.txt /);
    expect(stopped.out).not.toContain('29.txt');
  }, 60_000);

  it('runs a pipeline, shows its log, ends as it ends, and takes its results; the browser shows the same', async () => {
    expect(await works('pipelines')).toMatch(/^count +Count/m);
    expect(await works('pipelines', 'count')).toMatch(/^input +file +needed/m);
    const values = ['input=in/2026/slides/ä b.txt'];
    expect(await works('run', 'Slide 4', 'count', ...values, '--dry-run')).toContain('count');
    const run = await showrunner(['run', 'Slide 4', 'count', ...values, '--wait']);
    expect([run.status, run.out]).toEqual([0, expect.stringMatching(/^counting .*\ncounted\n$/)]);
    const id = /Run #(\d+)/.exec(run.err)![1];
    await works('get', '--run', id, '--to', 'results');
    expect(readFileSync(join(folder, 'results', 'count.txt'), 'utf8')).toBe('12\n');
    expect(JSON.parse(await works('status', id, '--json'))).toMatchObject({ state: 'succeeded', isMine: true });
    expect(await works('log', id)).toContain('counted');
    expect(await works('status')).toMatch(new RegExp(`^#${id} +succeeded +Count +Slide 4`, 'm'));
    const page = mainOf(await browser.get(`/runs/${id}`));
    expect(page).toContain('data-run-state="succeeded"');
    expect(page).toContain('count.txt');
    const next = await works('run', 'Slide 4', 'count', 'input=after:*.txt', '--after', `#${id}`, '--wait', '--json');
    expect(JSON.parse(next)).toMatchObject({
      state: 'succeeded',
      afterRun: Number(id),
      parameters: { input: `project:runs/${id}/count.txt` },
    });
    const failed = await showrunner(['run', 'Slide 4', 'count', ...values, 'status=3', '--wait', '--json']);
    expect([failed.status, JSON.parse(failed.out)]).toEqual([2, expect.objectContaining({ state: 'failed', exitCode: 3 })]);
    const refused = await showrunner(['run', 'Slide 4', 'count', 'input=none.txt', 'status=x', '--json']);
    expect([refused.status, JSON.parse(refused.err)]).toMatchObject([65, { error: { problem: { status: 422 } } }]);
  }, 60_000);

  it('sees the queue, cancels what runs, and says so to a script that waits for it', async () => {
    const { run } = JSON.parse(await works('run', 'Slide 4', 'sleep', '--key', 'once', '--json')) as { run: { id: number } };
    expect(JSON.parse(await works('run', 'Slide 4', 'sleep', '--key', 'once', '--json'))).toMatchObject({ run: { id: run.id } });
    expect(await works('queue')).toMatch(new RegExp(`^#${run.id} `, 'm'));
    const waiting = showrunner(['status', String(run.id), '--wait']);
    await works('cancel', String(run.id));
    expect((await waiting).status).toBe(3);
  }, 60_000);

  it('lists the schedules of a project, pauses one, lets it go on, deletes it and takes that back', async () => {
    expect(await works('schedules', 'Slide 4')).toBe('The project has no schedules.\n');
    const [{ id }] = JSON.parse(await works('projects', 'Slide 4', '--json')) as { id: string }[];
    const [token] = /srn_[\w-]{43}/.exec(readFileSync(join(folder, '.config', 'showrunner', 'credentials.json'), 'utf8'))!;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ pipeline: 'sleep', name: 'Nightly', cron: '0 2 * * *', timeZone: 'UTC' });
    expect((await fetch(`${site()}/api/v1/projects/${id}/schedules`, { method: 'POST', headers, body })).status).toBe(201);
    expect(await works('schedules', 'Slide 4')).toMatch(/^Nightly +sleep .*\d{4}-\d\d-\d\d 02:00 +[0-9a-f-]{36}$/im);
    expect(await works('schedules', 'pause', 'Slide 4', 'Nightly')).toBe('Nightly is paused.\n');
    expect(await works('schedules', 'Slide 4')).toMatch(/^Nightly .* paused /m);
    expect(await works('schedules', 'resume', 'Slide 4', 'Nightly')).toMatch(/^Nightly goes on; it starts next at .* 02:00\.\n$/);
    const deleted = JSON.parse(await works('schedules', 'delete', 'Slide 4', 'Nightly', '--json')) as { id: string };
    const none = await showrunner(['schedules', 'pause', 'Slide 4', 'Nightly']);
    expect([none.status, none.err]).toEqual([65, expect.stringContaining('Slide 4 has no schedule Nightly.')]);
    expect(await works('schedules', 'restore', 'Slide 4', deleted.id)).toContain('Nightly is back');
    expect(await works('schedules', 'delete', 'Slide 4', deleted.id)).toContain(`brings back ${deleted.id}.`);
    const wrong = await showrunner(['schedules', 'stop', 'Slide 4', 'Nightly']);
    expect([wrong.status, wrong.err]).toEqual([64, expect.stringContaining('schedules cannot stop')]);
  }, 60_000);

  it('revokes its token when it logs out', async () => {
    expect(await works('logout')).toContain('Logged out');
    expect((await showrunner(['projects'])).status).toBe(77);
    expect(mainOf(await browser.get('/account/tokens'))).not.toContain('showrunner on ');
  });
});

/** Of random bytes. @returns their SHA-256. */
async function fill(path: string, size: number): Promise<string> {
  const piece = Buffer.alloc(4_000_000);
  const file = openSync(path, 'w');
  for (let done = 0; done < size; done += piece.length) {
    randomFillSync(piece);
    writeSync(file, piece, 0, Math.min(piece.length, size - done));
  }
  closeSync(file);
  return digestOf(path);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
