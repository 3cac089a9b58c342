import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { manifestSchema } from '../../common/pipelines/manifest-schema';
import { codeIn, rowsUnder, type Row } from './doc-tables';

/** A part of a JSON Schema, as far as it is walked through here. */
interface Node {
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  /** Of objects with any names. */
  additionalProperties?: Node | boolean;
  anyOf?: Node[];
  oneOf?: Node[];
  const?: unknown;
  enum?: unknown[];
  [more: string]: unknown;
}

/** Where the fields of a part of `pipeline.yaml` are told: the file, the heading, and the column of what they mean. */
const TABLES: [way: string[], file: string, heading: string, column: number][] = [
  [[], 'pipelines.md', 'A folder with `pipeline.yaml`', 0],
  [['parameters'], 'pipelines.md', 'Parameters', 1],
  [['parameters', 'columns'], 'pipelines.md', 'Tables', 1],
  [['steps'], 'pipelines.md', 'Steps and rows', 0],
  [['outcome', 'rows'], 'pipelines.md', 'Rows', 0],
  [['outputs'], 'pipelines.md', 'Results on the page', 0],
  [['views'], 'pipelines.md', 'Images in layers', 0],
  [['sections'], 'pipelines.md', 'Sections', 0],
  [['sources'], 'pipelines.md', 'Sources', 0],
  [['files'], 'pipelines.md', 'Files for the program', 1],
  [['nameRules'], 'pipelines.md', 'Rules for names', 0],
  [['stage'], 'pipelines.md', 'Inputs in the working folder', 0],
  [['rules'], 'pipelines.md', 'Conditions and rules', 0],
  [['nameRules'], 'pipelines.md', 'Rules for names', 0],
  [['needs', 'cpu'], 'pipelines.md', 'What a run needs', 0],
  [['needs', 'memory'], 'pipelines.md', 'What a run needs', 0],
  [['needs', 'gpus'], 'pipelines.md', 'What a run needs', 0],
  [['slurm'], 'pipelines.md', 'On a Slurm cluster', 0],
  [['samples'], 'pipelines.md', 'Samples', 0],
  [['docker'], 'docker.md', 'Pipelines in containers', 0],
  [['compose'], 'docker.md', 'A service of a compose file', 0],
  [['handoff'], 'handoff.md', 'Handing runs over to a launcher on the host', 0],
];

/**
 * The JSON Schema of `pipeline.yaml`, for editors, as the text of its file. The fields are those that are read, what is said of them is
 * taken from the tables of the documentation, so that none of the three can tell something else.
 * @param home root of the installation.
 */
export function manifestJsonSchema(home: string): string {
  const schema = z.toJSONSchema(manifestSchema, { io: 'input', unrepresentable: 'any' }) as Node;
  for (const [way, file, heading, column] of TABLES) {
    const rows = rowsUnder(join(home, 'docs', file), heading);
    for (const node of way.reduce((nodes, name) => nodes.flatMap((one) => below(one, name)), [schema])) describe(node, rows, column);
  }
  for (const node of below(schema, 'icon')) node.enum = iconNames(home);
  const head = { $schema: schema['$schema'], title: 'pipeline.yaml', description: 'A pipeline of Showrunner.' };
  return `${JSON.stringify({ ...head, ...schema }, null, 2)}\n`;
}

/** Tells each field of an object, or of the alternatives that it has, what its row says. */
function describe(node: Node, rows: readonly Row[], column: number): void {
  for (const object of objectsIn(node)) {
    const type = (object.properties?.['type'] ?? object.properties?.['format'])?.const;
    for (const { names, cells } of rows) {
      if (typeof type === 'string' && column === 1 && !isFor(cells[0], type)) continue;
      for (const name of names) {
        const steps = name.split('.');
        const fields = steps.reduce((nodes, step) => nodes.flatMap((one) => below(one, step)), [object]);
        for (const field of fields) field.description = plain(cells[column]);
      }
    }
  }
}

/** Whether a row about parameters, columns or files is about those of a type or format. */
function isFor(cell: string, type: string): boolean {
  if (cell === 'all' || cell === 'every') return true;
  const excluded = /^all but (\w+)$/.exec(cell)?.[1];
  if (excluded !== undefined) return type !== excluded && `${type}s` !== excluded;
  return codeIn(cell).includes(type);
}

/** The schemas of a field by its name, whatever lists and alternatives lie between. */
function below(node: Node, name: string): Node[] {
  return objectsIn(node).flatMap((object) =>
    object.properties && Object.hasOwn(object.properties, name) ? [object.properties[name]] : [],
  );
}

function objectsIn(node: Node): Node[] {
  const named = typeof node.additionalProperties === 'object' ? [node.additionalProperties] : [];
  const inner = [...(node.anyOf ?? []), ...(node.oneOf ?? []), ...(node.items ? [node.items] : []), ...named].flatMap(objectsIn);
  return node.properties ? [node, ...inner] : inner;
}

/** Markdown as plain words. */
function plain(cell: string): string {
  return cell
    .replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replaceAll(/\\\|/g, '|')
    .replaceAll(/[`*]/g, '')
    .replaceAll(/^./g, (first) => first.toUpperCase());
}

function iconNames(home: string): string[] {
  const { icons } = JSON.parse(readFileSync(join(home, 'src', 'browser', 'icons.json'), 'utf8')) as { icons: string[] };
  return ['player-play', ...icons];
}
