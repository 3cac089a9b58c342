import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { QueueStore } from '../../../src/common/queue/queue-store';
import { aNewRun } from '../../factories';
import { createProject } from '../../project-steps';
import { encodeMetadata } from '../../tus';
import { until } from '../../until';
import { startTestWebApp, TestBrowser, type TestAnswer, type TestRequest, type TestWebApp } from '../../web-app';

const SITE = 'lab.example.org';
const NGINX = '/usr/sbin/nginx';
const MEGABYTE = Buffer.alloc(1024 * 1024, 'tissue');
const MEGABYTES = 100;
const TOKEN = 'a-token-of-a-monitor';

/** What lies in docker/nginx.conf, in a real nginx, with other ports and a certificate of its own. */
describe('docker/nginx.conf', () => {
  let web: TestWebApp;
  let folder: string;
  let nginx: ChildProcess;
  let ports: { https: number; http: number };
  let person: ProxiedBrowser;

  beforeAll(async () => {
    if (!existsSync(NGINX)) throw new Error(`${NGINX} is missing (Debian: nginx-light)`);
    web = await startTestWebApp({ PUBLIC_URL: `https://${SITE}/showrunner`, TRUST_PROXY: '127.0.0.1', METRICS_TOKEN: TOKEN });
    folder = mkdtempSync(join(tmpdir(), 'showrunner-nginx-'));
    ports = { https: await freePort(), http: await freePort() };
    nginx = spawn(NGINX, ['-c', configure(), '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
    await until(async () => (await fetch(`http://127.0.0.1:${ports.http}/`, { redirect: 'manual' }).catch(() => null)) !== null, 10_000);
    person = new ProxiedBrowser(ports.https, '/showrunner');
    await person.signUp();
  }, 30_000);
  afterAll(async () => {
    nginx.kill('SIGQUIT');
    await web.close();
    if (nginx.exitCode === null && nginx.signalCode === null) await once(nginx, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  function configure(): string {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const words = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '1',
      '-subj',
      `/CN=${SITE}`,
      '-keyout',
      key,
      '-out',
      certificate,
    ];
    execFileSync('openssl', words, { stdio: 'ignore' });
    const site = readFileSync(resolve(__dirname, '..', '..', '..', 'docker', 'nginx.conf'), 'utf8')
      .replace('listen 80;', `listen 127.0.0.1:${ports.http};`)
      .replace('listen 443 ssl', `listen 127.0.0.1:${ports.https} ssl`)
      .replaceAll('/var/log/nginx', folder)
      .replace('127.0.0.1:8080', `127.0.0.1:${web.port}`)
      .replace(/\/etc\/ssl\/\S+\.pem/, certificate)
      .replace(/\/etc\/ssl\/\S+\.key/, key);
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
    const path = join(folder, 'nginx.conf');
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    writeFileSync(path, `daemon off; ${user} pid ${folder}/pid; error_log ${folder}/error.log; events {}\nhttp { ${places}\n${site}\n}\n`);
    return path;
  }

  it('leads to the pages by TLS, with cookies for it alone; plain HTTP leads there', async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/showrunner/queue?x=1`, { redirect: 'manual', headers: { host: SITE } });
    expect([answer.status, answer.headers.get('location')]).toEqual([308, expect.stringMatching(/^https:\/\/.+\/showrunner\/queue\?x=1$/)]);
    const page = await person.get('/projects');
    expect([page.status, page.headers['strict-transport-security']]).toEqual([200, expect.stringContaining('max-age')]);
    const form = await new ProxiedBrowser(ports.https, '/showrunner').postForm('/guest');
    expect(String(form.headers['set-cookie'])).toMatch(/; Secure/);
  });

  it('keeps what links open out of its log, on both ports', async () => {
    const paths = ['/link/secret', '/Shared/secret/files', '/expiring/secret', '/report-content/secret/link/a.html', '/shared-file/secret'];
    for (const path of paths) await person.get(path);
    await fetch(`http://127.0.0.1:${ports.http}/showrunner/link/secret`, { redirect: 'manual', headers: { host: SITE } });
    const log = () => readFileSync(join(folder, 'showrunner.log'), 'utf8');
    await until(() => log().split('/link/...').length === 3);
    expect(log()).toContain('"GET /showrunner/report-content/..." 404');
    expect(log()).toContain('"GET /showrunner/projects" 200');
    expect(log()).not.toContain('secret');
  });

  it('shows the metrics to nobody', async () => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect((await person.send('/metrics', { headers })).status).toBe(404);
    expect((await web.browser().send('/metrics', { headers })).status).toBe(200);
  });

  it(`streams an upload of ${MEGABYTES} MB on while it comes, and gives out parts of the file`, async () => {
    const project = await createProject(web, person, 'Large');
    const headers = { 'tus-resumable': '1.0.0', accept: 'application/json', 'x-csrf-token': await person.token('/projects') };
    const size = MEGABYTES * MEGABYTE.length;
    const creation = { 'upload-length': String(size), 'upload-metadata': encodeMetadata({ filename: 'large.bin' }) };
    const created = await person.send(`/projects/${project.id}/uploads`, { method: 'POST', headers: { ...headers, ...creation } });
    expect(created.status).toBe(201);

    const address = new URL(created.location!, `https://${SITE}`).pathname;
    const patch = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream', 'content-length': String(size) };
    const request = person.open(address, { method: 'PATCH', headers: patch });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    const send = async (count: number) => {
      for (let index = 0; index < count; index += 1) if (!request.write(MEGABYTE)) await once(request, 'drain');
    };
    await send(40);
    // The client has not sent all of it, and nginx keeps nothing back.
    const staging = join(web.database.config.filesRoot, project.ownerId, '.staging');
    await until(() => readdirSync(staging).some((name) => statSync(join(staging, name)).size > 30 * MEGABYTE.length), 20_000);
    await send(MEGABYTES - 40);
    request.end();
    const [response] = await answered;
    response.resume();
    expect(response.statusCode).toBe(204);
    const stored = join(web.database.config.filesRoot, project.ownerId, project.id, 'large.bin');
    await until(() => statSync(stored, { throwIfNoEntry: false })?.size === size, 20_000);

    const range = { range: `bytes=${size - 6}-${size - 1}` };
    const part = await person.send(`/projects/${project.id}/files/large.bin?download=1`, { headers: range });
    expect([part.status, part.headers['content-range'], part.body]).toEqual([
      206,
      `bytes ${size - 6}-${size - 1}/${size}`,
      readFileSync(stored).subarray(-6).toString(),
    ]);
  }, 60_000);

  it('hands on each event of a stream at once', async () => {
    const request = person.open('/showrunner/events?topics=queue', { headers: { accept: 'text/event-stream' } });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect([response.statusCode, response.headers['content-type']]).toEqual([200, expect.stringContaining('text/event-stream')]);
    let text = '';
    response.on('data', (piece: Buffer) => (text += piece.toString()));
    response.on('error', () => undefined);
    const before = text.length;
    await web.app.get(QueueStore).enqueue(aNewRun());
    await until(() => text.length > before && /event:|data:/.test(text.slice(before)), 5000);
    request.destroy();
  });
});

/** A browser that comes by TLS and by the name of the site. */
class ProxiedBrowser extends TestBrowser {
  override get origin(): string {
    return `https://${SITE}`;
  }

  override async send(path: string, { method = 'GET', headers = {}, body }: TestRequest = {}): Promise<TestAnswer> {
    const whole = path.startsWith(this.basePath) ? path : `${this.basePath}${path}`;
    const length: Record<string, string> = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = this.open(whole, { method, headers: { accept: 'text/html', ...length, ...headers } });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    for (const line of response.headers['set-cookie'] ?? []) this.remember(line);
    const { statusCode = 0, headers: answered } = response;
    return {
      status: statusCode,
      headers: answered,
      body: Buffer.concat(chunks).toString('utf8'),
      location: answered.location?.replace(this.origin, ''),
    };
  }

  /** @param path from the root of the site. */
  open(path: string, { method = 'GET', headers = {} }: TestRequest) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const more = { host: SITE, ...(cookie === '' ? {} : { cookie }), ...(method === 'GET' ? {} : { origin: this.origin }) };
    // Its certificate is the test's own.
    return httpsRequest({
      host: '127.0.0.1',
      port: this.port,
      servername: SITE,
      rejectUnauthorized: false,
      path,
      method,
      headers: { ...more, ...headers },
    });
  }

  private remember(line: string): void {
    const [pair] = line.split(';');
    const at = pair.indexOf('=');
    if (/expires=thu, 01 jan 1970/i.test(line)) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
