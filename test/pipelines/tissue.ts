import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(__dirname, 'tissue');

/** As many names as the vocabulary of proteins has for which staining is predicted; some hold commas. */
export const PROTEINS: readonly string[] = Array.from({ length: 12_809 }, (_, index) =>
  index % 28 === 0 ? `GENE${index},GENE${index}B` : `GENE${index}`,
);

/** Puts the pipeline with the rich form below a folder of pipelines. */
export function placeTissue(pipelines: string): void {
  const target = join(pipelines, 'tissue');
  mkdirSync(target);
  for (const name of ['pipeline.yaml', 'tissue.sh']) copyFileSync(join(FOLDER, name), join(target, name));
  chmodSync(join(target, 'tissue.sh'), 0o755);
  writeFileSync(join(target, 'proteins.txt'), `${PROTEINS.join('\n')}\n`);
}
