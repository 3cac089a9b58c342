import { text, type TextKey, type TextValues } from '../../locales/text';
import { InvalidInputError, LimitError } from '../errors';
import type { ArgumentPart, FileReference, Manifest, Parameter, ParameterValues, PlaceTemplate, Row } from './manifest';
import { shown, shownPath } from './argument-files/pieces';
import { MOST_ARGUMENT_BYTES } from './plain-fields';

/** What turns names into places when arguments are made. */
export interface ArgumentPlaces {
  /** Absolute path of an input file; may throw the errors of `common/files`. */
  resolveFile(reference: FileReference): string | Promise<string>;
  /** Absolute path of the folder for results, which is the working folder. */
  outputFolder: string;
  /** Absolute path of the folder of the project; '' where nothing names it. */
  projectFolder?: string;
  /** Number of the run; '' where nothing names it. */
  runId?: string;
}

/** All arguments together; the system's own limit (2 MB with the environment) lies above. */
const MOST_BYTES = 1_500_000;

/**
 * The arguments of a run, after the command of the runtime. Every value becomes an argument, or the end of one, byte for byte: there is
 * no shell and no template in between, so no value can change another argument.
 * @throws LimitError when they are longer than a program can be given.
 */
export async function renderArguments(
  manifest: Pick<Manifest, 'parameters' | 'arguments'>,
  values: ParameterValues,
  places: ArgumentPlaces,
): Promise<string[]> {
  const parameters = new Map(manifest.parameters.map((parameter) => [parameter.name, parameter]));
  const argv: string[] = [];
  for (const part of manifest.arguments) argv.push(...(await renderPart(part, parameters, values, places)));
  const sizes = argv.map((argument) => Buffer.byteLength(argument));
  if (sizes.some((size) => size > MOST_ARGUMENT_BYTES) || sizes.reduce((sum, size) => sum + size + 9, 0) > MOST_BYTES) {
    throw new LimitError('pipelines.argumentsTooLong');
  }
  return argv;
}

async function renderPart(
  part: ArgumentPart,
  parameters: ReadonlyMap<string, Parameter>,
  values: ParameterValues,
  places: ArgumentPlaces,
): Promise<string[]> {
  if (part.kind === 'literal') return [part.value];
  if (part.kind === 'outputFolder') return styled(part, places.outputFolder);
  if (part.kind === 'template') return styled(part, part.template.map((piece) => textOf(piece, places)).join(''));
  const parameter = parameters.get(part.parameter);
  const value = Object.hasOwn(values, part.parameter) ? values[part.parameter] : undefined;
  if (part.kind === 'boolean') {
    // Where it does not apply it is neither on nor off.
    if (value === undefined && parameter?.when !== undefined) return [];
    const word = value === true ? part.whenTrue : part.whenFalse;
    return word === null ? [] : [word];
  }
  const texts = await renderValue(parameter, value, places);
  if (texts.length === 0) return part.keepEmpty ? styled(part, '') : [];
  if (part.join === undefined) return texts.flatMap((one) => styled(part, one));
  const fault = joinFault(texts, part.join, parameter?.type === 'files');
  if (fault) throw new InvalidInputError(...fault);
  return styled(part, texts.join(part.join));
}

/** What was entered and cannot be joined with others: a sentence by parameter name. */
export function joinErrors(
  parts: readonly ArgumentPart[],
  parameters: readonly Parameter[],
  values: ParameterValues,
  pathOf: (reference: FileReference) => string,
): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const part of parts) {
    const value = part.kind === 'value' && Object.hasOwn(values, part.parameter) ? values[part.parameter] : undefined;
    if (part.kind !== 'value' || part.join === undefined || !Array.isArray(value)) continue;
    const items = value.filter((item) => typeof item === 'string');
    const isFile = parameters.some(({ name, type }) => name === part.parameter && type === 'files');
    const fault = joinFault(isFile ? items.map(pathOf) : items, part.join, isFile);
    if (fault) errors[part.parameter] = text(...fault);
  }
  return errors;
}

/** An item that holds what separates it from the next one would be two. */
function joinFault(items: readonly string[], join: string, isFile: boolean): [TextKey, TextValues] | undefined {
  const bad = items.length > 1 ? items.find((item) => item.includes(join)) : undefined;
  return bad === undefined
    ? undefined
    : ['rendering.separatorInArgument', { value: isFile ? shownPath(bad) : shown(bad), separator: join }];
}
async function renderValue(
  parameter: Parameter | undefined,
  value: ParameterValues[string] | undefined,
  places: ArgumentPlaces,
): Promise<string[]> {
  if (value === undefined || value === '' || !parameter) return [];
  const items: (string | boolean | Row)[] = Array.isArray(value) ? value : [value];
  const texts = items.flatMap((item) => (typeof item === 'object' ? [] : [String(item)]));
  if (parameter.type === 'output') return texts.map((name) => `${places.outputFolder}/${name}`);
  if (parameter.type !== 'file' && parameter.type !== 'files') return texts;
  const paths: string[] = [];
  for (const reference of texts) paths.push(await places.resolveFile(reference));
  return paths;
}

function textOf(piece: PlaceTemplate[number], { outputFolder, projectFolder = '', runId = '' }: ArgumentPlaces): string {
  if (typeof piece === 'string') return piece;
  const places = { workFolder: outputFolder, outputFolder, projectFolder, runId };
  return places[piece.place];
}

function styled({ flag, style }: { flag: string | null; style: 'bare' | 'separate' | 'equals' }, value: string): string[] {
  if (flag === null || style === 'bare') return [value];
  return style === 'equals' ? [`${flag}=${value}`] : [flag, value];
}
