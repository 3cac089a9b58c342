/**
 * What the pages of results cost, and what else people look at, section by section: each file `show/<name>.section.mjs` measures one of them,
 * by `measure` on a web process and a runner with a run that has ended, or by `alone` on what it starts itself.
 * BENCH_SHOW=tables,join runs two.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, untilAnswers } from './files/client.mjs';
import { addScript, openInstallation, until, freePort } from './harness.mjs';

const HERE = join(import.meta.dirname, 'show');
const ENDING = '.section.mjs';

export async function run() {
  const wanted = process.env.BENCH_SHOW?.split(',');
  const names = readdirSync(HERE)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .filter((name) => !wanted || wanted.includes(name));
  const figures = [];
  for (const name of names) {
    const { measure, alone } = await import(join(HERE, `${name}${ENDING}`));
    figures.push(...(alone ? await alone() : await withRun(measure)));
  }
  return figures;
}

/**
 * @param measure gets the web process, a person, their project, a run of theirs that has ended (its number, its address, and the folder of its
 * results), and `another`, which makes one more of them.
 */
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
    const another = async () => {
      const { location } = await client.post(`/projects/${project}/run/nothing`, {});
      const address = new URL(location, 'http://localhost').pathname;
      await until(async () => (await client.ask(address)).text.includes('data-run-state="succeeded"'), 60_000, 'the run ends');
      const root = join(installation.folder, 'files');
      const owner = readdirSync(root).find((one) => readdirSync(join(root, one)).includes(project));
      const number = address.split('/').at(-1);
      return { number, address, results: join(root, owner, project, 'runs', number) };
    };
    return await measure({ web, client, project, another, ...(await another()) });
  } finally {
    await installation.close();
  }
}
