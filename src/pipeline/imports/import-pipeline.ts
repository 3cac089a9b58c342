import { rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { AppConfig } from '../../common/config/app-config';
import { compileYaml } from '../../common/pipelines/pipeline-yaml';
import { makePipelineFolder, schemaLine } from '../new-pipeline';
import { readArgparse } from './argparse/read-argparse';
import type { Draft } from './draft';
import { refuse, type Foreign } from './foreign';
import type { ImportKind } from './import-kind';
import { ImportReport } from './import-report';
import { manifestOf } from './manifest-of';
import { parameterOf } from './mapping';
import { readNextflow } from './nextflow/read-nextflow';
import { readScriptServer } from './script-server/read-script-server';
import { soundConditions, soundParameter } from './sound';
import { writeManifest } from './write-manifest';

/** What an import made. */
export interface Imported {
  folder: string;
  name: string;
  parameters: number;
  /** The report as Markdown, as it lies in IMPORT.md. */
  report: string;
}

type Reader = (path: string, report: ImportReport, config: AppConfig) => Promise<Draft>;

const READERS: Record<ImportKind, Reader> = { nextflow: readNextflow, 'script-server': readScriptServer, argparse: readArgparse };

const MOST_FIELDS = 500;
/** Each run keeps the compiled manifest in 64 KB; something is left for what people add. */
const MOST_COMPILED = 60_000;
const HELP = new Set(['help', 'helpLong']);
/** Lengths of help that are tried one after the other. */
const HELP_LENGTHS = [Infinity, 600, 250, 100, 0];

/**
 * Makes an ordinary pipeline of a foreign description.
 * @param name of the new pipeline; null: from the file.
 * @throws StartupError when the file cannot be read or understood, or the name is bad or taken; nothing is left then.
 */
export async function importPipeline(config: AppConfig, kind: ImportKind, file: string, name: string | null): Promise<Imported> {
  const path = resolve(file);
  const report = new ImportReport();
  const draft = await READERS[kind](path, report, config);
  if (draft.fields.length > MOST_FIELDS) throw refuse(`${file} has ${draft.fields.length} parameters; a form takes ${MOST_FIELDS}.`);
  const manifest = soundManifest(draft, report);
  const id = name ?? nameFrom(path, kind);
  const folder = await makePipelineFolder(config, id);
  try {
    const head = [
      schemaLine(config, folder).replace(/^# /, ''),
      '',
      `Imported from ${basename(path).replaceAll(/\p{Cc}/gu, ' ')} (${kind}). IMPORT.md lists what was lost on the way.`,
      '',
    ];
    const yaml = writeManifest(manifest, { head, fields: draft.fields, report });
    const markdown = report.describe(basename(path), draft.fields.length);
    await writeFile(join(folder, 'pipeline.yaml'), yaml);
    await writeFile(join(folder, 'IMPORT.md'), markdown);
    for (const one of draft.files) await writeFile(join(folder, one.name), one.content);
    return { folder, name: id, parameters: draft.fields.length, report: markdown };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function soundManifest(draft: Draft, report: ImportReport): Foreign {
  const sound = draft.fields.map((field) => soundParameter(parameterOf(field, report), field, report));
  const manifest = manifestOf(draft, sound, report);
  soundConditions(manifest, draft.fields, report);
  const parameters = manifest['parameters'] as Foreign[];
  const sections = manifest['sections'] as Foreign[] | undefined;
  for (const most of HELP_LENGTHS) {
    const fitting = {
      ...manifest,
      parameters: parameters.map((parameter, index) => withHelp(parameter, most, draft.fields[index]?.origin ?? '', report)),
      ...(sections === undefined ? {} : { sections: sections.map((section) => withHelp(section, most, String(section['title']), report)) }),
    };
    const compiled = compileYaml('imported', JSON.stringify(fitting));
    if (Array.isArray(compiled)) throw refuse(`It could not be made a pipeline: ${compiled[0]}`);
    if (Buffer.byteLength(JSON.stringify(compiled)) <= MOST_COMPILED) return fitting;
  }
  throw refuse('It has more parameters and values than a pipeline can have (64 KB).');
}

/** A parameter or section with no more help than this in each of its texts. */
function withHelp(described: Foreign, most: number, origin: string, report: ImportReport): Foreign {
  const entries = Object.entries(described).flatMap(([name, text]): [string, unknown][] => {
    if (!HELP.has(name) || typeof text !== 'string' || text.length <= most) return [[name, text]];
    report.note('weakened', origin, 'Its help is cut: all help together is longer than a pipeline can hold.');
    return most === 0 ? [] : [[name, `${text.slice(0, most - 2)} …`]];
  });
  return Object.fromEntries(entries);
}

/** The folder of a whole nf-core pipeline tells its name, and the file that of all others. */
function nameFrom(path: string, kind: ImportKind): string {
  const source = kind === 'nextflow' ? basename(dirname(path)) : basename(path, extname(path));
  const name = source
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 80);
  return name === '' ? 'imported' : name;
}
