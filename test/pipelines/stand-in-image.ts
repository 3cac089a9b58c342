import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Dockerd } from '../tools/dockerd.mjs';
import { STAND_INS } from './stand-in';

export const STAND_IN_IMAGE = 'showrunner-test/stand-ins:1';
export const PROTICELLI_IMAGE = 'showrunner-test/proticelli:1';

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

/** What of the library of Python no program here needs: tests, editors, installers. */
const UNUSED = /^(?:test|idlelib|ensurepip|lib2to3|tkinter|turtledemo|pydoc_data|config-.*|dist-packages|site-packages|__pycache__)$/;

/** Makes an image with the Python of this machine, in which ProtiCelli and tifffile seem to be installed. */
export async function importProticelli(engine: Dockerd): Promise<void> {
  const root = join(engine.folder, 'proticelli');
  cpSync(join(engine.folder, 'image'), root, { recursive: true, verbatimSymlinks: true });
  const told = execFileSync('python3', ['-I', '-c', 'import os, sys; print(sys.executable, os.path.dirname(os.__file__))'], {
    encoding: 'utf8',
  });
  const [program = '', library = ''] = told.trim().split(' ');
  installProgram(root, program);
  const target = join(root, 'usr', 'local', 'lib', basename(library));
  cpSync(library, target, { recursive: true, dereference: true, filter: (path) => !UNUSED.test(basename(path)) });
  for (const name of readdirSync(join(target, 'lib-dynload'))) installLibraries(root, join(target, 'lib-dynload', name));
  for (const name of ['proticelli', 'tifffile.py']) cpSync(join(STAND_INS, 'proticelli', name), join(target, name), { recursive: true });
  await engine.importImage(PROTICELLI_IMAGE, root);
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
  const libraries = execFileSync('ldd', [file], { encoding: 'utf8' }).match(/(?<=\s)\/\S+\.so\S*/g) ?? [];
  for (const library of libraries) {
    // Elsewhere nothing is looked for: the image has no list of folders.
    const place = /^\/(?:usr\/)?lib/.test(library) ? library : join('/usr/lib', basename(library));
    mkdirSync(join(root, dirname(place)), { recursive: true });
    cpSync(realpathSync(library), join(root, place));
  }
}
