/** What the form of a large pipeline costs the server: 150 parameters of many kinds with conditions, in an empty project and in one of 600 files. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, untilAnswers } from './files/client.mjs';
import { figure, freePort, openInstallation, percentile } from './harness.mjs';

const PARAMETERS = 150;
const FILES = 600;
const ROUNDS = 100;
const WARM_UP = 20;
const MOST_MS = 100;

export async function run() {
  const port = await freePort();
  const installation = await openInstallation('sqlite', { PORT: String(port) });
  const folder = join(installation.pipelines, 'large');
  mkdirSync(folder);
  writeFileSync(join(folder, 'pipeline.yaml'), manifest());
  installation.start('web');
  try {
    await untilAnswers(port, '/readyz');
    const client = new Client(port);
    const project = await client.enter('Large');
    const empty = await times(client, `/projects/${project}/run/large`);
    const root = join(installation.folder, 'files');
    const owner = readdirSync(root).find((one) => readdirSync(join(root, one)).includes(project));
    for (let file = 0; file < FILES; file += 1) writeFileSync(join(root, owner, project, `slide ${file}.tif`), '');
    const full = await times(client, `/projects/${project}/run/large`);
    const bench = `form, ${PARAMETERS} parameters`;
    return [
      figure(bench, 'page, p95', percentile(empty, 0.95), 'ms', { most: MOST_MS }),
      figure(bench, `page with ${FILES} files, p95`, percentile(full, 0.95), 'ms', { most: MOST_MS }),
    ];
  } finally {
    await installation.close();
  }
}

async function times(client, path) {
  const found = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    const from = performance.now();
    const { status, text } = await client.ask(path);
    if (status !== 200 || !text.includes(`p.p${PARAMETERS - 1}`)) throw new Error(`${path}: ${status}`);
    if (round >= WARM_UP) found.push(performance.now() - from);
  }
  return found;
}

function manifest() {
  const kinds = [
    'type: number, default: 1, min: 0, max: 10, unit: px',
    'type: string, required: false, pattern: "[a-z]*"',
    'type: boolean, default: true',
    'type: choice, default: a, options: [a, b, c]',
    'type: file, accept: [.tif], required: false',
    'type: list, required: false',
  ];
  const lines = Array.from({ length: PARAMETERS }, (_, index) => {
    const when = index > 2 && index % 6 === 1 ? ', when: p2' : '';
    return `  - { name: p${index}, label: Parameter ${index}, help: What it does., section: s${Math.floor(index / 25)}, ${kinds[index % kinds.length]}${when} }`;
  });
  const sections = Array.from({ length: PARAMETERS / 25 }, (_, index) => `  - { id: s${index}, title: Section ${index} }`);
  return `title: Large\ncommand: [/bin/true]\nsections:\n${sections.join('\n')}\nparameters:\n${lines.join('\n')}\n`;
}
