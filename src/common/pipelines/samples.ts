import { text } from '../../locales/text';
import { nearestName } from './names';
import type { Parameter } from './manifest';
import { samplesFile, type Sample } from './sample-schema';
import { readYaml } from './yaml-document';

/** The fields at fault, and what is wrong with them. */
type FieldFault = [path: PropertyKey[], sentence: string];

/** What presets say of parameters that there are not. */
export function presetFaults(
  presets: readonly { values: Record<string, unknown> }[],
  parameters: readonly Pick<Parameter, 'name'>[],
): FieldFault[] {
  return presets.flatMap(({ values }, index) =>
    Object.keys(values).flatMap((name): FieldFault[] => {
      if (parameters.some((parameter) => parameter.name === name)) return [];
      return [[['presets', index, 'values', name], unknownName(name, parameters)]];
    }),
  );
}

/** What a sample says of parameters that there are not, or that take no files. */
export function sampleFaults(samples: readonly Sample[], parameters: readonly Pick<Parameter, 'name' | 'type'>[]): FieldFault[] {
  return samples.flatMap((sample, index) => [
    ...Object.keys(sample.values).flatMap((name): FieldFault[] => {
      if (parameters.some((parameter) => parameter.name === name)) return [];
      return [[['samples', index, 'values', name], unknownName(name, parameters)]];
    }),
    ...Object.entries(sample.files).flatMap(([name, files]): FieldFault[] => {
      const fault = filesFault(name, files.length, parameters);
      return fault === undefined ? [] : [[['samples', index, 'files', name], fault]];
    }),
  ]);
}

function filesFault(name: string, count: number, parameters: readonly Pick<Parameter, 'name' | 'type'>[]): string | undefined {
  const parameter = parameters.find((one) => one.name === name);
  if (parameter?.type === 'file') return count === 1 ? undefined : text('samples.oneFile', { name });
  if (parameter?.type === 'files') return undefined;
  if (parameter) return text('samples.noFiles', { name });
  // A misspelt parameter would silently become a file of that name.
  if (!/[./]/.test(name)) return unknownName(name, parameters);
  return count === 1 ? undefined : text('samples.oneFile', { name });
}

function unknownName(name: string, parameters: readonly Pick<Parameter, 'name'>[]): string {
  const names = parameters.map((parameter) => parameter.name);
  const meant = nearestName(name, names);
  return meant ? text('samples.unknownMeant', { name, meant }) : text('samples.unknown', { name, known: names.join(', ') });
}

/** The samples of a `pipeline.yaml` that has no faults. */
export function samplesOf(source: string): Sample[] {
  const read = readYaml(source);
  if (!('value' in read)) return [];
  const { samples } = (read.value ?? {}) as { samples?: unknown };
  const result = samplesFile.safeParse({ samples });
  return result.success ? result.data.samples : [];
}

/** The samples of a file that lies beside an annotated script, or what is wrong with it, one sentence a fault. */
export function readSamplesFile(source: string, parameters: readonly Parameter[]): Sample[] | string[] {
  const read = readYaml(source);
  if (!('value' in read)) return read.faults;
  const result = samplesFile.safeParse(read.value, { reportInput: true });
  if (!result.success) return result.error.issues.flatMap((issue) => read.places.ofIssue(issue, () => Object.keys(samplesFile.shape)));
  const faults = sampleFaults(result.data.samples, parameters);
  return faults.length > 0 ? faults.map(([path, fault]) => read.places.at(path, fault)) : result.data.samples;
}
