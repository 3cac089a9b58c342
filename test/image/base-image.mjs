/** What `node:24-bookworm-slim` is, from Debian's packages and the Node of this project: machines of tests reach no registry of images. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Why it cannot be made here, or null. */
export function whyNoBaseImage() {
  if (!existsSync('/usr/sbin/debootstrap')) return 'debootstrap is missing (Debian: debootstrap)';
  return null;
}

/**
 * Fills a folder with a small Debian, Node and npm; and with the certificates that this machine trusts, for it may reach the registry of
 * packages through a proxy of its own.
 */
export function makeBaseRoot(root) {
  mkdirSync(root, { recursive: true });
  execFileSync('/usr/sbin/debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root], { stdio: 'ignore' });
  const local = join(root, 'usr', 'local');
  cpSync(process.execPath, join(local, 'bin', 'node'));
  chmodSync(join(local, 'bin', 'node'), 0o755);
  const npm = dirname(dirname(realpathSync(execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim())));
  cpSync(npm, join(local, 'lib', 'node_modules', 'npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin', 'npm'));
  if (existsSync(CERTIFICATES)) cpSync(CERTIFICATES, join(root, CERTIFICATES));
  execFileSync('rm', ['-rf', ...['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'].map((path) => join(root, path))]);
}
