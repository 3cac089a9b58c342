import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { emptyDraft, type Draft, type DraftField } from '../draft';
import { own, ownText, readJson, refuse, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { Names } from '../names';
import { readSheet } from './sample-sheet';
import { schemaField } from './schema-field';
import { Parameters } from './params-file';
import { SchemaGroups, type FlatSchema, type SchemaProperty } from './schema-groups';

/** Reads the schema of a Nextflow pipeline. With the pipeline around it, its sample sheets are read too. */
export async function readNextflow(path: string, report: ImportReport): Promise<Draft> {
  const root = await readJson(path);
  const flat = new SchemaGroups(root, report).lay();
  if (flat.properties.length === 0) throw refuse(`${path} describes no parameters: it has neither properties nor groups that hold some.`);
  const draft = emptyDraft();
  await describePipeline(draft, root, path, report);
  for (const [title, help] of flat.help) draft.sectionHelp.set(title, help);
  const names = new Names();
  const parameters = new Parameters(draft, report);
  const ids = new Map<string, DraftField>();
  for (const property of flat.properties) {
    if (ids.has(property.name)) {
      report.note('dropped', property.name, 'It is there twice.');
      continue;
    }
    if (givesFolder(parameters, property, report)) continue;
    const sheet = await readSheet(property, dirname(path), report);
    const described = sheet ? { ...property, schema: { type: 'string', ...sheet.words } } : property;
    const { field, rules } = schemaField(described, names.give(property.name), report);
    sheet?.lay(field, draft);
    draft.fields.push(field);
    draft.rules.push(...rules);
    ids.set(property.name, field);
    parameters.pass(field, property.schema);
  }
  requireTogether(flat, ids, report);
  parameters.finish();
  return draft;
}

/** The folder for results is the run's own and no matter of the form. */
function givesFolder(parameters: Parameters, { name, schema }: SchemaProperty, report: ImportReport): boolean {
  if (name !== 'outdir') return false;
  parameters.put(name, '{outputFolder}');
  report.note('guessed', name, 'Showrunner gives the folder for results; nobody need enter it.');
  if (own(schema, 'default') !== undefined) report.note('dropped', name, 'default: results lie in the folder of the run.');
  return true;
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
