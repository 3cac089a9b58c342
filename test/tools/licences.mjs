/**
 * The licences of what ships, from the lock file: `node test/tools/licences.mjs` prints docs/licences.md, `--write` writes it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const HOME = resolve(import.meta.dirname, '..', '..');

/** Packages of before the field `license`, whose own text says it. */
const SAID_ELSEWHERE = { 'combine-errors': 'MIT', pause: 'MIT' };

const HEAD = `# Licences of what ships

Showrunner itself is under the [MIT licence](../LICENSE). \`npm install --omit=dev\` brings these packages, as package-lock.json names them; those
for other processors and systems are listed, too, and not installed. Nothing of the list is changed by Showrunner. The libraries below
LGPL (libvips, the images) are used as they come, in files of their own that you may replace.
`;

/** @returns {{ name: string, version: string, licence: string }[]} by name; each version once. */
export function shippedPackages() {
  const { packages } = JSON.parse(readFileSync(join(HOME, 'package-lock.json'), 'utf8'));
  const found = new Map();
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '' || entry.dev || entry.devOptional) continue;
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    found.set(`${name}@${entry.version}`, { name, version: entry.version, licence: licenceOf(path, name, entry) });
  }
  return [...found.values()].sort((one, other) => (`${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1));
}

/** @returns {string[]} packages with a script that npm would run at their installation. */
export function packagesWithScripts() {
  const { packages } = JSON.parse(readFileSync(join(HOME, 'package-lock.json'), 'utf8'));
  const paths = Object.entries(packages).flatMap(([path, { hasInstallScript }]) => (hasInstallScript ? [path] : []));
  return [...new Set(paths.map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)))];
}

/** The text of docs/licences.md. */
export function licencesPage() {
  const byLicence = Map.groupBy(shippedPackages(), ({ licence }) => licence);
  const groups = [...byLicence].sort(([, one], [, other]) => other.length - one.length);
  const lists = groups.map(([licence, all]) => `## ${licence}\n\n${all.map(({ name, version }) => `- ${name} ${version}`).join('\n')}\n`);
  return `${HEAD}\n${lists.join('\n')}`;
}

function licenceOf(path, name, { license }) {
  if (license) return license;
  const file = join(HOME, path, 'package.json');
  const { licenses } = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return licenses?.map(({ type }) => type).join(' OR ') ?? SAID_ELSEWHERE[name] ?? 'unknown';
}

if (import.meta.filename === process.argv[1]) {
  if (process.argv.includes('--write')) writeFileSync(join(HOME, 'docs', 'licences.md'), licencesPage());
  else process.stdout.write(licencesPage());
}
