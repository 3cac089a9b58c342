import { basename, extname, join } from 'node:path';
import type { AppConfig } from '../../../common/config/app-config';
import { StartupError } from '../../../common/errors';
import { readableName } from '../../../common/pipelines/names';
import { EXIT } from '../../exit';
import { runTool } from '../../../runner/executors/tool';
import { emptyDraft, type Draft } from '../draft';
import { readForeign, refuse } from '../foreign';
import type { ImportReport } from '../import-report';
import { Names } from '../names';
import { ParserForm } from './parser-form';
import { textOf, toldSchema, type Told, type ToldParser } from './told';

const READER = join(__dirname, 'read_argparse.py');
const WITHIN_MS = 20_000;
const MOST_ANSWER_BYTES = 8 * 1024 * 1024;

/** Reads the arguments of a Python script. It is parsed in a process of its own, and never run. */
export async function readArgparse(path: string, report: ImportReport, config: AppConfig): Promise<Draft> {
  const content = await readForeign(path);
  const told = await ask(path, config);
  if (told.arguments.length + told.subparsers.length === 0) throw refuse(withoutArguments(path, told));
  const main = mainParser(told, report);
  const draft = emptyDraft();
  const script = scriptName(path);
  draft.title = readableName(basename(path, extname(path)));
  draft.summary = (textOf(main.description) ?? '').replaceAll(/\s+/g, ' ').trim();
  draft.command = ['python3', `./${script}`];
  draft.files.push({ name: script, content });
  draft.icon = 'code';
  report.note(
    'guessed',
    'command',
    'The script was copied into the folder and is run by python3. What it imports from files beside it is not copied; write the python of its environment if it needs one.',
  );
  for (const [line, sentence] of told.notes) report.note('dropped', `line ${line}`, sentence);
  for (const { title, description } of told.groups) draft.sectionHelp.set(title, description);
  new ParserForm(told, draft, new Names(), report).add(main);
  return draft;
}

async function ask(path: string, { programEnvironment }: AppConfig): Promise<Told> {
  const call = {
    program: 'python3',
    args: ['-I', '-S', '-B', READER, path],
    env: programEnvironment,
    withinMs: WITHIN_MS,
    mostBytes: MOST_ANSWER_BYTES,
  };
  const answer = await runTool(call);
  if (answer.spawnFailure !== null) {
    throw new StartupError(
      `Scripts are read by python3, which could not be started (${answer.spawnFailure}). Install it; any from 3.8 on will do.`,
      EXIT.unavailable,
    );
  }
  if (answer.timedOut) throw refuse(`${path} was not read within ${WITHIN_MS / 1000} seconds.`);
  if (answer.code !== 0 || answer.isCut)
    throw refuse(`${path} cannot be read: ${lastLine(answer.stderr) || 'it asks for more memory or time than any script does'}.`);
  const told = toldSchema.safeParse(parsed(answer.stdout));
  if (!told.success) throw refuse(`${path} cannot be read: python3 gave no answer that makes sense.`);
  if ('error' in told.data) throw refuse(`${path}: ${told.data.error}`);
  return told.data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.slice(0, 300) ?? '';
}

/** The first parser that is neither a parent nor a subcommand; of several the one with most arguments. */
function mainParser(told: Told, report: ImportReport): ToldParser {
  const mains = told.parsers.filter(({ command, parent }) => command === null && parent !== true);
  const count = ({ id }: ToldParser) =>
    told.arguments.filter(({ parser }) => parser === id).length + told.subparsers.filter(({ parser }) => parser === id).length;
  const [main, ...others] = mains.toSorted((one, other) => count(other) - count(one));
  if (!main) throw refuse('It makes no parser whose arguments could be asked for.');
  if (others.some((other) => count(other) > 0))
    report.note('dropped', '', 'The script has several parsers; the one with most arguments was taken.');
  return main;
}

function withoutArguments(path: string, { notes: [first] }: Told): string {
  if (first === undefined) return `${path} names no arguments of argparse: no call of add_argument was found.`;
  return `${path} names no arguments of argparse that could be known: line ${first[0]}: ${first[1]}`;
}

/** A name that a command may have in the folder of a pipeline. */
function scriptName(path: string): string {
  const name = basename(path)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(-80);
  return name === '' ? 'script.py' : name;
}
