import { LimitError } from '../errors';
import type { ArgumentPart, FileReference, Manifest, Parameter, ParameterValues } from './manifest';
import { MOST_ARGUMENT_BYTES } from './plain-fields';

/** What turns names into places when arguments are made. */
export interface ArgumentPlaces {
  /** Absolute path of an input file; may throw the errors of `common/files`. */
  resolveFile(reference: FileReference): string | Promise<string>;
  /** Absolute path of the folder for results. */
  outputFolder: string;
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
  const parameter = parameters.get(part.parameter);
  const value = Object.hasOwn(values, part.parameter) ? values[part.parameter] : undefined;
  if (part.kind === 'boolean') {
    // Where it does not apply it is neither on nor off.
    if (value === undefined && parameter?.when !== undefined) return [];
    const word = value === true ? part.whenTrue : part.whenFalse;
    return word === null ? [] : [word];
  }
  const texts = await renderValue(parameter, value, places);
  if (texts.length === 0 && part.keepEmpty) return styled(part, '');
  return texts.flatMap((text) => styled(part, text));
}

async function renderValue(
  parameter: Parameter | undefined,
  value: ParameterValues[string] | undefined,
  places: ArgumentPlaces,
): Promise<string[]> {
  if (value === undefined || value === '' || !parameter) return [];
  // Tables go into files, never into arguments.
  const texts = Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [String(value)];
  if (parameter.type === 'output') return texts.map((name) => `${places.outputFolder}/${name}`);
  if (parameter.type !== 'file' && parameter.type !== 'files') return texts;
  const paths: string[] = [];
  for (const reference of texts) paths.push(await places.resolveFile(reference));
  return paths;
}

function styled({ flag, style }: { flag: string | null; style: 'bare' | 'separate' | 'equals' }, value: string): string[] {
  if (flag === null || style === 'bare') return [value];
  return style === 'equals' ? [`${flag}=${value}`] : [flag, value];
}
