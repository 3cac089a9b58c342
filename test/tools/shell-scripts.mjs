/** Looks at every shell script of the project: with shellcheck where the machine has it, else whether a shell can read it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { hasProgram } from './packages.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const ROOMS = ['src', 'config', 'docker', 'test', '.ci'];

/** Severity `info` and style are a matter of taste. */
const SHELLCHECK = ['--severity=warning', '--format=gcc'];

function scripts() {
  return ROOMS.filter((room) => existsSync(join(HOME, room))).flatMap((room) =>
    readdirSync(join(HOME, room), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => path.endsWith('.sh') || /^#!\/bin\/(ba|da)?sh/.test(head(path))),
  );
}

function head(path) {
  return /\.(png|tif|webp|woff2?|jpg)$/.test(path) ? '' : readFileSync(path, 'latin1').slice(0, 20);
}

const files = scripts().map((path) => relative(HOME, path));
const useShellcheck = hasProgram('shellcheck');
let failed = false;
for (const file of files) {
  const shell = /bash/.test(head(join(HOME, file))) ? 'bash' : 'sh';
  const words = useShellcheck ? ['shellcheck', [...SHELLCHECK, file]] : [shell, ['-n', file]];
  failed = spawnSync(words[0], words[1], { cwd: HOME, stdio: 'inherit' }).status !== 0 || failed;
}
process.stdout.write(`${files.length} shell scripts looked at with ${useShellcheck ? 'shellcheck' : 'sh -n'}.\n`);
process.exitCode = failed ? 1 : 0;
