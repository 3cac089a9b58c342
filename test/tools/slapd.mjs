/**
 * A private slapd for tests: own folder, port and certificate, on the loopback. It lets in who sends a name without a password, as some
 * directories do.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SLAPD = '/usr/sbin/slapd';
const READY_WITHIN_MS = 10_000;

/** Root of what it holds, and who may do everything there. */
export const SUFFIX = 'dc=lab,dc=test';
export const ROOT = { dn: `cn=root,${SUFFIX}`, password: 'the root of the test' };

/** @param {string} ldif what it holds at the start. */
export async function startSlapd(ldif) {
  if (!existsSync(SLAPD)) throw new Error(`${SLAPD} is missing (Debian: slapd)`);
  const directory = new Slapd(mkdtempSync(join(tmpdir(), 'showrunner-slapd-')), await freePort());
  try {
    directory.prepare(ldif);
    await directory.start();
  } catch (error) {
    await directory.stop();
    throw error;
  }
  return directory;
}

class Slapd {
  child = null;
  log = '';

  constructor(folder, port) {
    this.folder = folder;
    this.port = port;
    this.url = `ldap://127.0.0.1:${port}`;
    this.certificate = join(folder, 'certificate.pem');
    this.conf = join(folder, 'slapd.conf');
  }

  prepare(ldif) {
    const key = join(this.folder, 'key.pem');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', ...subject];
    execFileSync('openssl', [...words, '-keyout', key, '-out', this.certificate], { stdio: 'ignore' });
    mkdirSync(join(this.folder, 'data'));
    const schemas = ['core', 'cosine', 'inetorgperson'].map((name) => `include /etc/ldap/schema/${name}.schema`);
    const lines = [
      ...schemas,
      'modulepath /usr/lib/ldap',
      'moduleload back_mdb',
      'moduleload memberof',
      `pidfile ${join(this.folder, 'slapd.pid')}`,
      `TLSCertificateFile ${this.certificate}`,
      `TLSCertificateKeyFile ${key}`,
      'allow bind_anon_cred bind_anon_dn',
      'database mdb',
      `suffix "${SUFFIX}"`,
      `rootdn "${ROOT.dn}"`,
      `rootpw "${ROOT.password}"`,
      `directory ${join(this.folder, 'data')}`,
      'overlay memberof',
      'access to attrs=userPassword by anonymous auth by * none',
      'access to * by users read by anonymous auth by * none',
    ];
    writeFileSync(this.conf, `${lines.join('\n')}\n`);
    const file = join(this.folder, 'start.ldif');
    writeFileSync(file, ldif);
    execFileSync('/usr/sbin/slapadd', ['-f', this.conf, '-l', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async start() {
    const child = spawn(SLAPD, ['-f', this.conf, '-h', this.url, '-d', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    child.stderr.on('data', (chunk) => (this.log += chunk));
    for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until && child.exitCode === null; await sleep(20))
      if (await answers(this.port)) return;
    throw new Error(`slapd did not start: ${this.log}`);
  }

  /** Ends it; `start` brings it back with what it held. */
  async end() {
    const { child } = this;
    this.child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async stop() {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
