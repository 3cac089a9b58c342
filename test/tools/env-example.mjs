/**
 * `.env.example` as it follows from the settings: `node test/tools/env-example.mjs` prints it, `--write` writes the file.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const HOME = resolve(import.meta.dirname, '..', '..');
const require = createRequire(import.meta.url);
require('./load-typescript.cjs');
const { SETTINGS } = require(join(HOME, 'src', 'common', 'config', 'settings.ts'));

/** Defaults that differ from machine to machine. */
const VARYING = { RUNNER_NAME: 'the name of this machine', RUNNER_SLOTS: 'the number of its processors' };

const HEAD = `# Settings of Showrunner. Copy this file to .env, or set variables of the environment, which win over .env.
# Each line below shows a default; a bad value stops the start with all errors listed at once.
# Instead of a value X you may give X_FILE, the path of a file that holds it (for passwords).
`;

const LINE_WIDTH = 118;

function describe(name, { fallback, about }) {
  const varying = VARYING[name];
  const sentence = varying ? `${about} Default: ${varying}.` : about;
  const value = varying ? '' : (fallback ?? '');
  return `\n${wrap(sentence)}\n#${name}=${/[\s#"']/.test(value) ? `"${value}"` : value}\n`;
}

function wrap(sentence) {
  const lines = ['#'];
  for (const word of sentence.split(' ')) {
    if (lines.at(-1).length + 1 + word.length > LINE_WIDTH) lines.push('#');
    lines[lines.length - 1] += ` ${word}`;
  }
  return lines.join('\n');
}

const text =
  HEAD +
  Object.entries(SETTINGS)
    .map(([name, setting]) => describe(name, setting))
    .join('');
if (process.argv.includes('--write')) writeFileSync(join(HOME, '.env.example'), text);
else process.stdout.write(text);
