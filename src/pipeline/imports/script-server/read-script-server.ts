import { stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, posix, resolve } from 'node:path';
import { emptyDraft, type Draft } from '../draft';
import { asText, isObject, own, ownList, ownObject, ownText, readJson, refuse, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { Names } from '../names';
import { splitWords } from '../../../common/split-words';
import { RunnerParameters } from './runner-parameters';

/** What a runner says beside its parameters and the command, and why it is dropped. */
const DROPPED: Record<string, string> = {
  group: 'Pipelines are not grouped.',
  hidden: 'All pipelines are shown. Take the folder out of PIPELINES_DIR to hide it.',
  allowed_users: 'Everybody who may log in may run it.',
  admin_users: 'Administrators are those of Showrunner.',
  access: 'Everybody who may log in may run it.',
  scheduling: 'Runs are not scheduled.',
  preload_script: 'Nothing is run before the form is shown.',
  logging: 'Every run keeps its log.',
  working_directory: 'A program works in the folder for its results. Let it change its folder itself if it must.',
};

const READ = new Set([
  'name',
  'script_path',
  'description',
  'parameters',
  'output_files',
  'requires_terminal',
  'output_format',
  'include',
  'callbacks',
  '$schema',
]);

/** What a runner may say and loses nothing by. */
function isUsual(name: string, value: unknown): boolean {
  if (name === 'hidden') return value === false;
  return name === 'allowed_users' && (value === '*' || (Array.isArray(value) && value.includes('*')));
}

/** Reads the JSON of one runner of script-server, with the files that it includes. */
export async function readScriptServer(path: string, report: ImportReport): Promise<Draft> {
  const root = await readJson(path);
  if (ownText(root, 'script_path') === undefined && ownList(root, 'parameters').length === 0) {
    throw refuse(`${path} is no runner of script-server: it has neither script_path nor parameters.`);
  }
  const included = await includedIn(root, path, report, [path]);
  const all = { ...included, ...root, parameters: [...ownList(root, 'parameters'), ...ownList(included, 'parameters')] };
  const draft = emptyDraft();
  draft.title = ownText(all, 'name') ?? basename(path, extname(path));
  draft.summary = (ownText(all, 'description') ?? '').replaceAll(/\$\{auth\.\w+\}/g, (name) => {
    report.note('dropped', 'description', `${name} is only known to script-server.`);
    return '…';
  });
  draft.command = await commandOf(all, path, report);
  const parameters = new RunnerParameters(draft, new Names(), report);
  for (const parameter of ownList(all, 'parameters')) {
    if (isObject(parameter)) parameters.add(parameter);
    else report.note('dropped', 'parameters', `${JSON.stringify(parameter).slice(0, 80)} is no parameter.`);
  }
  parameters.finish();
  outputsOf(draft, all, report);
  noteRest(all, report);
  return draft;
}

/** The script is started where it lies: it may need what is around it. */
async function commandOf(root: Foreign, path: string, report: ImportReport): Promise<string[]> {
  const words = splitWords(ownText(root, 'script_path') ?? '');
  if (words.length === 0) {
    report.note('guessed', 'script_path', 'It is missing; the command is a placeholder that fails.');
    return ['false'];
  }
  // script-server is started in the folder that holds conf/runners.
  const places = [ownText(root, 'working_directory'), resolve(dirname(path), '..', '..'), dirname(path)].filter((one) => one !== undefined);
  for (const [index, word] of words.entries()) {
    if (index > 1 || isAbsolute(word) || !/[./]/.test(word)) continue;
    const found = await firstFile(places.map((place) => resolve(place, word)));
    if (found === undefined) report.note('guessed', 'script_path', `${word} is relative and was not found; write its whole path.`);
    else {
      words[index] = found;
      report.note('guessed', 'script_path', `The program is run where it lies: ${found}.`);
    }
  }
  // "./x" would be a file of the new folder.
  return words.map((word) => (word.startsWith('./') ? resolve(places[0] ?? '.', word) : word));
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile()) return path;
  }
  return undefined;
}

/** What `include` names, as far as it is there; names that depend on what is entered cannot be followed. */
async function includedIn(root: Foreign, path: string, report: ImportReport, seen: readonly string[]): Promise<Foreign> {
  const given = own(root, 'include');
  const names = (Array.isArray(given) ? given : [given]).flatMap((name) => asText(name) ?? []);
  const parameters: unknown[] = [];
  let fields: Foreign = {};
  for (const name of names) {
    const file = resolve(dirname(path), name);
    const why = name.includes('${')
      ? 'which file it is depends on what is entered'
      : seen.includes(file)
        ? 'it leads back to itself'
        : seen.length > 8
          ? 'it is nested too deeply'
          : null;
    const isThere = why === null && (await firstFile([file])) !== undefined && extname(file) === '.json';
    if (!isThere) {
      report.note('dropped', 'include', `${name.slice(0, 100)}: ${why ?? 'there is no such JSON file'}.`);
      continue;
    }
    const inner = await readJson(file);
    const more = await includedIn(inner, file, report, [...seen, file]);
    parameters.push(...ownList(inner, 'parameters'), ...ownList(more, 'parameters'));
    fields = { ...more, ...inner, ...fields };
  }
  return { ...fields, parameters };
}

function outputsOf(draft: Draft, root: Foreign, report: ImportReport): void {
  for (const output of ownList(root, 'output_files')) {
    const path = asText(output) ?? ownText(output, 'path') ?? '';
    if (path === '') continue;
    if (isObject(output) && ownText(output, 'type') !== 'inline-image')
      report.note('weakened', 'output_files', `${path.slice(0, 100)}: it is shown by its type.`);
    if (/^#.*#/s.test(path) || path.includes('##')) {
      report.note('dropped', 'output_files', `${path.slice(0, 100)}: results are not searched for in the log.`);
      continue;
    }
    const isElsewhere = isAbsolute(path) || path.startsWith('~');
    const pattern = path.replaceAll(/\$\{[^}]*\}/g, '*');
    const glob = isElsewhere ? basename(pattern) : posix.normalize(pattern).replace(/^(?:\.\.\/)+/, '**/');
    if (isElsewhere)
      report.note(
        'weakened',
        'output_files',
        `${path.slice(0, 100)}: results are what lies in the folder of the run; let the program write there.`,
      );
    draft.outputs.push({
      glob: glob.slice(0, 200) || '*',
      kind: isObject(output) && ownText(output, 'type') === 'inline-image' ? 'image' : 'download',
    });
  }
}

function noteRest(root: Foreign, report: ImportReport): void {
  for (const [name, sentence] of Object.entries(DROPPED)) {
    const value = own(root, name);
    if (value !== undefined && !isUsual(name, value)) report.note('dropped', name, sentence);
  }
  if (own(root, 'requires_terminal') !== false)
    report.note('weakened', 'requires_terminal', 'The program has no terminal: it may print without colours and in larger pieces.');
  const format = ownText(root, 'output_format');
  if (format !== undefined && format !== 'text' && format !== 'terminal')
    report.note('dropped', 'output_format', `${format.slice(0, 40)}: the log is shown as text.`);
  for (const name of Object.keys(root))
    if (!READ.has(name) && !Object.hasOwn(DROPPED, name)) report.note('dropped', name.slice(0, 80), 'It is not known.');
  if (Object.keys(ownObject(root, 'callbacks')).length > 0) report.note('dropped', 'callbacks', 'Mails tell of the end of runs.');
}
