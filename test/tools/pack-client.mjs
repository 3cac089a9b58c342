/**
 * Makes a package of the command-line client alone, which needs nothing but Node: `npx ./showrunner-client-….tgz --help`.
 * Usage: node test/tools/pack-client.mjs [<folder of the compiled product>] [<folder for the package>]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const HOME = resolve(import.meta.dirname, '..', '..');
const [dist = join(HOME, 'dist'), target = process.cwd()] = process.argv.slice(2);
/** All that the client is made of. */
const PARTS = ['showrunner.js', 'client', 'browser/amounts.js'];

const { version, license } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'showrunner-client-'));
for (const part of PARTS) cpSync(join(dist, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith('.map') });
cpSync(join(HOME, 'LICENSE'), join(folder, 'LICENSE'));
const about = {
  name: 'showrunner-client',
  version,
  description: 'Projects, files and runs of a Showrunner, from the shell.',
  license,
  bin: { showrunner: 'showrunner.js' },
  engines: { node: '>=20' },
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(about, null, 2)}\n`);
mkdirSync(target, { recursive: true });
const { status, stdout, stderr } = spawnSync('npm', ['pack', '--silent', `--pack-destination=${resolve(target)}`], {
  cwd: folder,
  encoding: 'utf8',
});
rmSync(folder, { recursive: true, force: true });
if (status !== 0) throw new Error(stderr);
console.log(join(resolve(target), stdout.trim()));
