/**
 * Second half of `npm run build`, after tsc: everything in dist that is not compiled from src. Browser modules, style sheets and the
 * icon sprite go to dist/public with a version made from their content; scripts that run beside compiled files are copied to them.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { minifySync } from '@swc/core';
import sharp from 'sharp';
import { logColours } from './log-colours.mjs';
import { usedRules, withoutComments, withoutOwnPictures } from './styles.mjs';

const HOME = resolve(import.meta.dirname, '..', '..');
const SOURCE = join(HOME, 'src');
const DIST = join(HOME, 'dist');
const PUBLIC = join(DIST, 'public');
const MODULES = join(HOME, 'node_modules');
const ICONS = join(MODULES, '@tabler', 'icons', 'icons', 'outline');

/** What runs beside compiled files and is no TypeScript. */
const RUNTIME_FILES = /\.(sh|py|awk|sql)$/;

const PACKED_FILES = /\.(js|css|svg|json)$/;
/** What fits into one packet arrives no sooner when it is smaller. */
const LEAST_PACKED_BYTES = 1400;

/** A part with touching pairs and single nuclei, in the proportions of the page's figure. */
const PICTURE_PART = { left: 40, top: 90, width: 432, height: 270 };

await main();

async function main() {
  rmSync(PUBLIC, { recursive: true, force: true });
  mkdirSync(PUBLIC, { recursive: true });
  copyRuntimeFiles();
  compileBrowserModules();
  copyStyles();
  cpSync(join(SOURCE, 'browser', 'assets'), PUBLIC, { recursive: true });
  const icons = writeSprite();
  const picture = await drawPicture();
  const version = versionOf(PUBLIC);
  writeFileSync(join(PUBLIC, 'assets.json'), JSON.stringify({ version, icons, packed: packTexts(), picture }));
}

/** Packs what a browser loads as text, once and as small as it gets. @returns the files that have a `.gz` beside them. */
function packTexts() {
  const texts = filesBelow(PUBLIC).filter((file) => PACKED_FILES.test(file) && statSync(join(PUBLIC, file)).size >= LEAST_PACKED_BYTES);
  for (const file of texts) writeFileSync(join(PUBLIC, `${file}.gz`), gzipSync(readFileSync(join(PUBLIC, file)), { level: 9 }));
  return texts;
}

/** Keeps the executable bit, which copyFile does; a checkout without one gets it. */
function copyRuntimeFiles() {
  for (const file of filesBelow(SOURCE).filter((name) => RUNTIME_FILES.test(name))) {
    const target = join(DIST, file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(SOURCE, file), target);
    if (file.endsWith('.sh')) chmodSync(target, 0o755);
  }
}

function compileBrowserModules() {
  const words = [join(MODULES, 'typescript', 'bin', 'tsc'), '-p', join(SOURCE, 'browser', 'tsconfig.json')];
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(join(PUBLIC, 'js'), { recursive: true });
  for (const file of filesBelow(join(PUBLIC, 'js')).filter((name) => name.endsWith('.js'))) minify(join(PUBLIC, 'js', file));
  // The small file of the package is no module, and its module is five times as large.
  const idiomorph = readFileSync(join(MODULES, 'idiomorph', 'dist', 'idiomorph.min.js'), 'utf8');
  writeFileSync(join(PUBLIC, 'js', 'idiomorph.js'), `${idiomorph}\nexport { Idiomorph };\n`);
  // Its file for browsers names a global, and its modules import packages by bare names.
  const tus = readFileSync(join(MODULES, 'tus-js-client', 'dist', 'tus.min.js'), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  // Its file names a global, too; only the viewer asks for it.
  const zoom = readFileSync(join(MODULES, 'openseadragon', 'build', 'openseadragon', 'openseadragon.min.js'), 'utf8');
  const zoomModule = `${zoom.replace(/^\/\/# sourceMappingURL=.*$/m, '')}\nexport { OpenSeadragon };\n`;
  writeFileSync(join(PUBLIC, 'js', 'openseadragon.js'), zoomModule);
  writeFileSync(join(PUBLIC, 'js', 'tus.js'), `${tus}\nexport const { Upload } = globalThis.tus;\n`);
  copyVega();
}

/**
 * Vega for plots, as modules of ours: its files name globals. Without the interpreter its expressions would need a content policy that
 * lets texts become programs.
 */
function copyVega() {
  const script = (...way) => readFileSync(join(MODULES, ...way), 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
  const write = (name, code) => writeFileSync(join(PUBLIC, 'js', name), code);
  write(
    'vega.js',
    `${script('vega', 'build', 'vega.min.js')}\nexport const { View, Warn, expressionFunction, formats, parse, transforms } = globalThis.vega;\n`,
  );
  const lite = script('vega-lite', 'build', 'vega-lite.min.js');
  write('vega-lite.js', `import './vega.js';\n${lite}\nexport const { compile } = globalThis.vegaLite;\n`);
  const shared = script('vega-util', 'build', 'interpreter.js').replace(/^export /m, '');
  const interpreter = script('vega-interpreter', 'build', 'vega-interpreter.js').replace(/^import .* from 'vega-util';$/m, '');
  const code = `import './vega.js';\nconst { ascending, isString } = globalThis.vega;\n${shared}\n${interpreter}`;
  write('vega-interpreter.js', minifySync(code, { module: true }).code);
}

/** Comments and long names are for those who read the source; a form needs half as many bytes without them. */
function minify(path) {
  writeFileSync(path, minifySync(readFileSync(path, 'utf8'), { module: true }).code);
}

function copyStyles() {
  mkdirSync(join(PUBLIC, 'css'), { recursive: true });
  const folder = join(SOURCE, 'browser', 'css');
  const sheets = readdirSync(folder).sort();
  const rules = [...sheets.map((sheet) => readFileSync(join(folder, sheet), 'utf8')), logColours()];
  writeFileSync(join(PUBLIC, 'css', 'app.css'), withoutComments(rules.join('\n')));
  const bootstrap = withoutComments(readFileSync(join(MODULES, 'bootstrap', 'dist', 'css', 'bootstrap.min.css'), 'utf8'));
  writeFileSync(join(PUBLIC, 'css', 'bootstrap.min.css'), usedRules(withoutOwnPictures(bootstrap), whatNamesClasses()));
}

/** Templates, code and our own style sheets, as one text. */
function whatNamesClasses() {
  const below = (folder, pattern) =>
    filesBelow(folder)
      .filter((file) => pattern.test(file))
      .map((file) => readFileSync(join(folder, file), 'utf8'));
  return [...below(join(HOME, 'views'), /\.hbs$/), ...below(SOURCE, /(?<!\.spec)\.(ts|css)$/)].join('\n');
}

/** One file with a symbol for each icon that a template, the code or a manifest may name. @returns their names. */
function writeSprite() {
  const names = [...new Set([...iconsInTemplates(), ...iconsInCode(), ...iconsForManifests()])].sort((left, right) =>
    left.localeCompare(right, 'en'),
  );
  const symbols = names.map((name) => {
    const file = join(ICONS, `${name}.svg`);
    if (!existsSync(file)) throw new Error(`There is no Tabler outline icon "${name}", and something names it.`);
    const svg = readFileSync(file, 'utf8');
    const shapes = svg
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/^[\s\S]*?<svg[^>]*>/, '')
      .replace(/<\/svg>\s*$/, '')
      .replace(/\s+/g, ' ');
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.trim()}</symbol>`;
  });
  mkdirSync(join(PUBLIC, 'img'), { recursive: true });
  writeFileSync(join(PUBLIC, 'img', 'icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join('\n')}\n</svg>\n`);
  return names;
}

function iconsInTemplates() {
  return namesMatching(join(HOME, 'views'), /\.hbs$/, /\bicon[ =]['"]([a-z0-9-]+)['"]/g);
}

function iconsInCode() {
  return namesMatching(SOURCE, /(?<!\.spec)\.ts$/, /\b(?:icon|ICON)\w*(?::| =) '([a-z0-9-]+)'/g);
}

function iconsForManifests() {
  return JSON.parse(readFileSync(join(SOURCE, 'browser', 'icons.json'), 'utf8')).icons;
}

function namesMatching(folder, fileName, pattern) {
  return filesBelow(folder)
    .filter((file) => fileName.test(file))
    .flatMap((file) => [...readFileSync(join(folder, file), 'utf8').matchAll(pattern)].map((match) => match[1]));
}

/**
 * The picture of the home page: what our own pipeline makes of our own sample. Without that pipeline there is no picture.
 * @returns what its caption tells, or null.
 */
async function drawPicture() {
  const pipeline = join(HOME, 'config', 'pipelines', 'nuclei');
  if (!existsSync(join(pipeline, 'make-sample.mjs'))) return null;
  const folder = mkdtempSync(join(tmpdir(), 'showrunner-picture-'));
  try {
    const sample = join(folder, 'sample.tif');
    runNode(join(pipeline, 'make-sample.mjs'), sample);
    runNode(join(pipeline, 'nuclei.mjs'), `--image=${sample}`, `--out=${folder}`);
    await sharp(join(folder, 'outlines.png'))
      .extract(PICTURE_PART)
      .resize(1120)
      .webp({ quality: 80 })
      .toFile(join(PUBLIC, 'img', 'hero.webp'));
    const rows = readFileSync(join(folder, 'cells.csv'), 'utf8').trim().split('\n').length - 1;
    return { nuclei: rows };
  } catch (error) {
    process.stderr.write(`The home page has no picture: ${error.message}\n`);
    return null;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runNode(...words) {
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
}

/** Paths relative to the folder, in a fixed order. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function versionOf(folder) {
  const hash = createHash('sha256');
  for (const file of filesBelow(folder)) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 10);
}
