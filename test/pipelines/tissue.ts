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

/** Puts a pipeline with 150 parameters in ten sections, each with conditions and a rule, below a folder of pipelines. */
export function placeMany(pipelines: string): void {
  const target = join(pipelines, 'many');
  mkdirSync(target);
  const sections = Array.from(
    { length: 10 },
    (_, index) => `  - { id: s${index}, title: Part ${index + 1}, help: What belongs together. }`,
  );
  const parameters = Array.from({ length: 150 }, (_, index) => manyParameter(index));
  const rules = Array.from(
    { length: 10 },
    (_, index) => `  - { check: n${index * 15 + 1} < 90, message: That is much., at: n${index * 15 + 1}, level: warning }`,
  );
  writeFileSync(
    join(target, 'pipeline.yaml'),
    ['title: Many', 'command: [echo]', 'sections:', ...sections, 'parameters:', ...parameters, 'rules:', ...rules, ''].join('\n'),
  );
}

function manyParameter(index: number): string {
  const section = `section: s${Math.floor(index / 15)}, help: What number ${index} is for. , advanced: ${index % 15 > 9}`;
  if (index % 15 === 0) return `  - { name: n${index}, type: boolean, ${section} }`;
  if (index % 5 === 1) return `  - { name: n${index}, type: number, default: 5, min: 0, max: 100, unit: px, ${section} }`;
  if (index % 5 === 2) return `  - { name: n${index}, type: choice, options: [a, b, c, d], default: a, ${section} }`;
  if (index % 5 === 3) return `  - { name: n${index}, type: list, items: integer, default: [1, 2], ${section} }`;
  return `  - { name: n${index}, type: string, required: false, when: n${index - (index % 15)}, ${section} }`;
}
