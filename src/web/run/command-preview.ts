import { renderArguments } from '../../common/pipelines/arguments';
import { quoteCommand, quoteWord } from '../../common/pipelines/shell-words';
import type { ArgumentPart, Manifest, Parameter, ParameterValues } from '../../common/pipelines/manifest';
import { defaultEntry } from '../../common/pipelines/parameters';
import { text } from '../../locales/text';
import { placeOf } from './files-preview';

/** One line of the command: what stands there anyway, and the value. */
export interface PreviewLine {
  start: string;
  value: string;
  /** Whether the value is another than the default, or still missing. */
  marked: boolean;
}

export interface CommandPreview {
  program: string;
  lines: PreviewLine[];
}

const MOST_SHOWN = 2000;

/**
 * The command as it will run, one argument (with its flag) a line. Inputs are shown by their place in the project and outputs by that in the
 * folder of the run, which has no number yet; all else is what the program gets.
 * @param values what is right so far. @param wrong names of parameters whose value is wrong or missing.
 */
export async function commandPreview(manifest: Manifest, values: ParameterValues, wrong: ReadonlySet<string>): Promise<CommandPreview> {
  const lines: PreviewLine[] = [];
  for (const part of manifest.arguments) lines.push(...(await linesOf(part, manifest, values, wrong)));
  return { program: quoteCommand(manifest.runtime.command.map((word) => word.replace(/^\.\//, ''))), lines };
}

/** The same as a program gets it: command and arguments, with places as above. @param values all of them checked. */
export async function argumentsPreview(manifest: Manifest, values: ParameterValues): Promise<string[]> {
  return [...manifest.runtime.command, ...(await renderArguments(manifest, values, PLACES))];
}

async function linesOf(
  part: ArgumentPart,
  manifest: Manifest,
  values: ParameterValues,
  wrong: ReadonlySet<string>,
): Promise<PreviewLine[]> {
  const flag = 'flag' in part ? part.flag : null;
  const style = 'style' in part ? part.style : 'bare';
  const start = flag === null || style === 'bare' ? '' : style === 'equals' ? `${flag}=` : flag;
  const name = 'parameter' in part ? part.parameter : null;
  if (name !== null && wrong.has(name)) return [{ start: shownStart(start, style), value: '?', marked: true }];
  const words = await renderArguments({ parameters: manifest.parameters, arguments: [part] }, values, PLACES);
  const marked = name !== null && isChanged(manifest, name, values);
  if (style === 'separate' && start !== '') return inPairs(words).map((value) => line(shownStart(start, style), value, marked));
  return words.map((word) => line(shownStart(start, style), word.slice(start.length), marked));
}

const PLACES = {
  resolveFile: placeOf,
  outputFolder: 'results',
  projectFolder: 'project',
  get runId() {
    return text('rendering.number');
  },
};

function shownStart(start: string, style: 'bare' | 'separate' | 'equals'): string {
  if (start === '') return '';
  return style === 'separate' ? `${quoteWord(start)} ` : `${quoteWord(start.slice(0, -1))}=`;
}

function line(start: string, value: string, marked: boolean): PreviewLine {
  const shown = quoteWord(value);
  return { start, value: shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)} …` : shown, marked };
}

/** The values out of `--flag value --flag value`. */
function inPairs(words: readonly string[]): string[] {
  return words.filter((_, index) => index % 2 === 1);
}

function isChanged(manifest: Manifest, name: string, values: ParameterValues): boolean {
  const parameter = manifest.parameters.find((candidate) => candidate.name === name);
  if (!parameter || parameter.type === 'file' || parameter.type === 'files') return false;
  if (parameter.when !== undefined && !Object.hasOwn(values, name)) return false;
  const value = values[name] ?? '';
  const texts = typeof value === 'object' ? value.filter((one) => typeof one === 'string') : [String(value)];
  return texts.join('\n') !== [changedFrom(parameter)].flat().join('\n');
}

/** A list has its default as it is typed. */
function changedFrom(parameter: Parameter): string | string[] {
  if (parameter.type === 'list') return parameter.default;
  const entry = defaultEntry(parameter);
  return typeof entry === 'string' ? entry : entry.filter((one) => typeof one === 'string');
}
