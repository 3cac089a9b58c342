import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, sep } from 'node:path';
import { emptyDraft, type Draft, type DraftField } from '../draft';
import { asText, own, ownText, readJson, refuse, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { Names } from '../names';
import { schemaField, sheetColumns } from './schema-field';
import { SchemaGroups, type FlatSchema, type SchemaProperty } from './schema-groups';

/** Reads the schema of a Nextflow pipeline. With the pipeline around it, its sample sheets are read too. */
export async function readNextflow(path: string, report: ImportReport): Promise<Draft> {
  const root = await readJson(path);
  const flat = new SchemaGroups(root, report).lay();
  if (flat.properties.length === 0) throw refuse(`${path} describes no parameters: it has neither properties nor groups that hold some.`);
  const draft = emptyDraft();
  await describePipeline(draft, root, path, report);
  const names = new Names();
  const ids = new Map<string, DraftField>();
  for (const property of flat.properties) {
    if (ids.has(property.name)) {
      report.note('dropped', property.name, 'It is there twice.');
      continue;
    }
    if (passesFolder(draft, property, report)) continue;
    const { field, rules } = schemaField(property, names.give(property.name), report);
    await readSheet(field, property.schema, dirname(path), report);
    draft.fields.push(field);
    draft.rules.push(...rules);
    ids.set(property.name, field);
    passField(draft, field);
  }
  requireTogether(flat, ids, report);
  report.note(
    'weakened',
    '',
    'Values are passed as --name=value, of which Nextflow guesses the types: a text such as 007 becomes a number.',
  );
  return draft;
}

/** The folder for results is the run's own and no matter of the form. */
function passesFolder(draft: Draft, { name, schema }: SchemaProperty, report: ImportReport): boolean {
  if (name !== 'outdir') return false;
  draft.arguments.push({ outputFolder: true, flag: '--outdir', style: 'equals' });
  report.note('guessed', name, 'Showrunner gives the folder for results; nobody need enter it.');
  if (own(schema, 'default') !== undefined) report.note('dropped', name, 'default: results lie in the folder of the run.');
  return true;
}

function passField(draft: Draft, field: DraftField): void {
  const flag = `--${field.origin}`;
  if (field.kind === 'boolean') draft.arguments.push({ boolean: field, whenTrue: `${flag}=true`, whenFalse: `${flag}=false` });
  else draft.arguments.push({ field, flag, style: 'equals' });
}

async function describePipeline(draft: Draft, root: Foreign, path: string, report: ImportReport): Promise<void> {
  const title = ownText(root, 'title')?.replace(/\s*pipeline parameters\s*$/i, '');
  const id = ownText(root, '$id') ?? ownText(root, 'id') ?? '';
  const [, repository, revision] = /github(?:usercontent)?\.com\/([\w.-]+\/[\w.-]+)\/(?:blob\/|raw\/)?([\w.-]+)\//.exec(id) ?? [];
  const folder = dirname(path);
  draft.title = title ?? basename(folder);
  draft.summary = ownText(root, 'description') ?? '';
  draft.progress = 'auto';
  draft.icon = 'binary-tree';
  if (await isFile(join(folder, 'main.nf'))) {
    draft.command = ['nextflow', 'run', folder];
    report.note('guessed', 'command', `The pipeline lies beside its schema and is run from there: ${folder}.`);
  } else if (repository !== undefined && revision !== undefined) {
    draft.command = ['nextflow', 'run', repository, '-r', revision];
    report.note(
      'guessed',
      'command',
      `Name and revision are those of the schema's address: ${repository}, ${revision}. Write a release in place of a branch.`,
    );
  } else {
    const guess = /^[\w.-]+\/[\w.-]+$/.test(draft.title) ? draft.title : folder;
    draft.command = ['nextflow', 'run', guess];
    report.note('guessed', 'command', `The schema does not say what is run; it was taken for ${guess}.`);
  }
  draft.command.push('-ansi-log', 'false', '-profile', 'docker');
  report.note(
    'guessed',
    'command',
    'Tools run by the profile docker. Write another, such as singularity or conda, and add -c with the settings of your machine.',
  );
  report.note(
    'guessed',
    'command',
    'What Nextflow keeps between steps (work, .nextflow) lies among the results; -work-dir puts it elsewhere.',
  );
}

async function readSheet(field: DraftField, schema: Foreign, folder: string, report: ImportReport): Promise<void> {
  const given = own(schema, 'schema');
  if (given === undefined) return;
  const place = typeof given === 'string' ? posix.normalize(given.replace(/^\/+/, '')) : '..';
  if (typeof given !== 'string' || place === '.' || /^\.\.(\/|$)/.test(place))
    return report.note('dropped', field.origin, `schema ${String(asText(given)).slice(0, 100)}: it lies outside of the pipeline.`);
  const path = join(folder, place);
  // A link could lead anywhere.
  const [real, home] = await Promise.all([realpath(path).catch(() => null), realpath(folder)]);
  if (real === null || !real.startsWith(home + sep))
    return report.note('dropped', field.origin, `schema ${place.slice(0, 100)}: it is not there.`);
  const columns = sheetColumns(await readJson(path));
  if (columns.length === 0) return report.note('dropped', field.origin, `schema ${place}: it names no columns.`);
  field.kind = 'table';
  field.columns = columns;
  field.accept ??= ['.csv', '.tsv', '.yaml', '.yml', '.json'];
}

/** `dependentRequired`: with the one, the other must not stay empty. */
function requireTogether({ dependencies }: FlatSchema, fields: ReadonlyMap<string, DraftField>, report: ImportReport): void {
  for (const [name, other] of dependencies) {
    const [needs, needed] = [fields.get(name), fields.get(other)];
    if (!needs || !needed || needed.kind === 'boolean') {
      report.note('dropped', name, `dependentRequired ${other}: one of both is no field that could stay empty.`);
      continue;
    }
    const condition = needs.kind === 'boolean' ? needs.id : `not empty(${needs.id})`;
    if (needed.required) continue;
    needed.requiredWhen = needed.requiredWhen === undefined ? condition : `${needed.requiredWhen} or ${condition}`;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
