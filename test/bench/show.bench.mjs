/**
 * What the pages of results cost, section by section: each file `show/<name>.section.mjs` measures one of them on a web process and a
 * runner of its own. BENCH_SHOW=tables runs one.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, untilAnswers } from './files/client.mjs';
import { addScript, openInstallation, until, freePort } from './harness.mjs';

const HERE = join(import.meta.dirname, 'show');
const ENDING = '.section.mjs';

export async function run() {
  const wanted = process.env.BENCH_SHOW;
  const names = readdirSync(HERE).filter((name) => name.endsWith(ENDING) && (!wanted || name === `${wanted}${ENDING}`));
  const figures = [];
  for (const name of names) {
    const { measure } = await import(join(HERE, name));
    figures.push(...(await withRun(measure)));
  }
  return figures;
}

/** @param measure gets the web process, a person, and a run of theirs that has ended: its address, and the folder of its results. */
async function withRun(measure) {
  const port = await freePort();
  const installation = await openInstallation('sqlite', { PORT: String(port), RUNNER_SLOTS: '1' });
  addScript(installation, 'nothing', '#!/bin/sh\n##~~ output=done.txt - a word\necho done >"$1"\n');
  const web = installation.start('web');
  installation.start('runner');
  try {
    await untilAnswers(port, '/readyz');
    const client = new Client(port);
    const project = await client.enter('Results');
    const { location } = await client.post(`/projects/${project}/run/nothing`, {});
    const address = new URL(location, 'http://localhost').pathname;
    await until(async () => (await client.ask(address)).text.includes('data-run-state="succeeded"'), 60_000, 'the run ends');
    const root = join(installation.folder, 'files');
    const owner = readdirSync(root).find((one) => readdirSync(join(root, one)).includes(project));
    const results = join(root, owner, project, 'runs', address.split('/').at(-1));
    return await measure({ web, client, address, results });
  } finally {
    await installation.close();
  }
}
