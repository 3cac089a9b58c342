import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Dockerd } from '../tools/dockerd.mjs';
import { STAND_INS } from './stand-in';

export const STAND_IN_IMAGE = 'showrunner-test/stand-ins:1';

const HOME = resolve(__dirname, '..', '..');
/** sharp and what it loads. */
const MODULES = ['sharp', '@img', 'detect-libc', 'semver'];

/**
 * Makes an image in which the tools of the shipped pipelines seem to be installed where their own images have them: /opt/pipex with a
 * `python` that runs it, /opt/hpaseg with a `python3`, Node, and bash.
 */
export async function importStandIns(engine: Dockerd): Promise<void> {
  const root = join(engine.folder, 'stand-ins');
  cpSync(join(engine.folder, 'image'), root, { recursive: true, verbatimSymlinks: true });
  for (const program of [process.execPath, '/bin/bash']) installProgram(root, program);
  for (const name of ['pipex', 'hpaseg', 'lib']) cpSync(join(STAND_INS, name), join(root, 'opt', name), { recursive: true });
  cpSync(join(HOME, 'config', 'pipelines', 'nuclei', 'lib'), join(root, 'config', 'pipelines', 'nuclei', 'lib'), { recursive: true });
  for (const name of MODULES) {
    cpSync(realpathSync(join(HOME, 'node_modules', name)), join(root, 'node_modules', name), { recursive: true, dereference: true });
  }
  for (const name of readdirSync(join(root, 'node_modules', '@img'), { recursive: true }).map(String)) {
    if (/\.so[.\d]*$/.test(name)) installLibraries(root, join(root, 'node_modules', '@img', name));
  }
  const bin = join(root, 'usr', 'local', 'bin');
  writeFileSync(join(bin, 'python'), '#!/bin/sh\nexec node /opt/pipex/python.mjs "$@"\n');
  copyFileSync(join(STAND_INS, 'bin', 'python3'), join(bin, 'python3'));
  for (const name of ['python', 'python3']) chmodSync(join(bin, name), 0o755);
  mkdirSync(join(root, 'opt', 'pipex', 'work'), { recursive: true });
  await engine.importImage(STAND_IN_IMAGE, root);
}

/** A program with the libraries that it needs. */
function installProgram(root: string, program: string): void {
  const path = realpathSync(program);
  const bin = join(root, 'usr', 'local', 'bin');
  mkdirSync(bin, { recursive: true });
  cpSync(path, join(bin, basename(program)));
  installLibraries(root, path);
}

function installLibraries(root: string, file: string): void {
  const libraries = execFileSync('ldd', [file], { encoding: 'utf8' }).match(/(?<=\s)\/(?:usr\/)?lib\S+/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(realpathSync(library), join(root, library));
  }
}
