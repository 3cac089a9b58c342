import { text } from '../../locales/text';
import { compileArgument, defaultArguments } from './argument-templates';
import { compileFiles } from './argument-files/compile-files';
import { compileRuntime } from './compile-runtime';
import { conditionFaults } from './condition-faults';
import type { ArgumentPart, Manifest, Parameter } from './manifest';
import { manifestSchema, type ManifestFields, type ParameterFields } from './manifest-schema';
import { fillVariables, type InstallationVariables } from './installation-variables';
import { readableName } from './names';
import { knownFields } from './schema-fields';
import { slurmFaults } from './slurm-placement';
import { sampleFaults } from './samples';
import { readYaml } from './yaml-document';
import type { YamlFaults } from './yaml-faults';

/** Longest manifest that is read. */
export const MOST_MANIFEST_BYTES = 256 * 1024;

/**
 * Reads `pipeline.yaml`.
 * @param variables what the installation calls things that the manifest leaves open.
 * @returns the manifest, or what is wrong with it: one sentence a fault, with line and field.
 */
export function compileYaml(id: string, source: string, variables: InstallationVariables = {}): Manifest | string[] {
  const read = readYaml(source);
  if ('faults' in read) return read.faults;
  const { value, places } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [places.at([], text('pipelines.notFields'))];
  const filled = fillVariables(value, variables);
  if (filled.faults.length > 0) return filled.faults.map(([path, fault]) => places.at(path, fault));
  const result = manifestSchema.safeParse(filled.content, { reportInput: true });
  if (!result.success) return result.error.issues.flatMap((issue) => places.ofIssue(issue, (path) => knownFields(value, path)));
  return compileFields(id, result.data, places);
}

function compileFields(id: string, fields: ManifestFields, faults: YamlFaults): Manifest | string[] {
  const { command, env, docker, compose, handoff, slurm, limits, needs, priority, progress, progressSteps, title, outputs, ...more } =
    fields;
  const { parameters: written, arguments: entries, rules, files, stage, runId, before, after, samples, ...rest } = more;
  const runtime = compileRuntime({ command, env, docker, compose, handoff, slurm });
  const parameters = written.map(compileParameter);
  const wrong = written.flatMap((parameter, index) =>
    parameterFaults(parameter, written.slice(0, index)).map(([field, fault]) => faults.at(['parameters', index, field], fault)),
  );
  wrong.push(...conditionFaults(written, rules ?? []).map(([path, fault]) => faults.at(path, fault)));
  wrong.push(...sampleFaults(samples ?? [], written).map(([path, fault]) => faults.at(path, fault)));
  const parts: ArgumentPart[] = entries ? [] : defaultArguments(parameters);
  for (const [index, entry] of (entries ?? []).entries()) {
    const part = compileArgument(entry, parameters);
    if (typeof part === 'string') wrong.push(faults.at(['arguments', index], part));
    else parts.push(part);
  }
  const workFolder = compileFiles({ files, stage, runId, before, after }, parameters, (path, fault) => {
    wrong.push(faults.at(path, fault));
  });
  if (Array.isArray(runtime)) return [...wrong, faults.at([runtime[0]], runtime[1])];
  wrong.push(...needFaults(fields, faults));
  wrong.push(...slurmFaults(runtime, parameters).map(([field, fault]) => faults.at(['slurm', field], fault)));
  if (wrong.length > 0) return wrong;
  return {
    ...rest,
    id,
    title: title ?? readableName(id),
    runtime,
    parameters,
    ...(rules && { rules }),
    arguments: parts,
    ...workFolder,
    outputs: outputs.map((output) => ({ ...output, title: output.title ?? output.glob })),
    limits: { ...compileLimits(limits), parallel: limits.parallel ?? (runtime.kind === 'handoff' ? 1 : null) },
    needs: { cpu: needs.cpu, memoryBytes: needs.memory ?? null, gpus: needs.gpus },
    rank: priority === 0 ? 0 : -priority,
    progress: progress && { ...progress, ...(progressSteps === undefined ? {} : { steps: progressSteps }) },
  };
}

/** Only what was said: most pipelines limit nothing but their time. */
function compileLimits(limits: ManifestFields['limits']): Omit<Manifest['limits'], 'parallel'> {
  const { time, processes, cpuTime, openFiles, fileSize, scratch } = limits;
  return {
    timeSeconds: time ?? null,
    ...(processes === undefined ? {} : { processes }),
    ...(cpuTime === undefined ? {} : { cpuSeconds: cpuTime }),
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(fileSize === undefined ? {} : { fileBytes: fileSize }),
    ...(scratch === undefined ? {} : { scratchBytes: scratch }),
  };
}

/** A need that is computed must be computed from a number of the form. */
function needFaults({ needs, parameters }: ManifestFields, faults: YamlFaults): string[] {
  return Object.entries(needs).flatMap(([name, need]) => {
    if (typeof need === 'number') return [];
    const source = parameters.find((parameter) => parameter.name === need.parameter);
    if (source?.type === 'integer' || source?.type === 'number') return [];
    return [faults.at(['needs', name, 'parameter'], text('pipelines.needNotNumber', { name: need.parameter }))];
  });
}

/** A parameter is required unless it has a default, says when, or says otherwise; a box to tick never is. */
function compileParameter({ when, requiredWhen, ...parameter }: ParameterFields): Parameter {
  const hasDefault = 'default' in parameter && parameter.default !== '' && parameter.default !== null;
  const required = parameter.type === 'boolean' ? false : (parameter.required ?? (!hasDefault && requiredWhen === undefined));
  const conditions = { ...(when !== undefined && { when }), ...(requiredWhen !== undefined && { requiredWhen }) };
  return { ...parameter, label: parameter.label ?? readableName(parameter.name), required, ...conditions };
}

function parameterFaults(parameter: ParameterFields, before: readonly ParameterFields[]): [string, string][] {
  const faults: [string, string][] = [];
  const { name } = parameter;
  if (before.some((earlier) => earlier.name === name)) faults.push(['name', text('pipelines.parameterTwice', { name })]);
  if (parameter.type === 'integer' || parameter.type === 'number') faults.push(...numberFaults(parameter));
  if (parameter.type === 'choice') faults.push(...choiceFaults(parameter));
  if (parameter.type === 'files' && parameter.minItems > parameter.maxItems) faults.push(['minItems', text('pipelines.minAboveMax')]);
  return faults;
}

function numberFaults(parameter: Extract<ParameterFields, { type: 'integer' | 'number' }>): [string, string][] {
  const { name, type, min, max, default: standard } = parameter;
  const faults: [string, string][] = [];
  if (min !== null && max !== null && min > max) faults.push(['min', text('pipelines.minAboveMax')]);
  if (standard === null) return faults;
  if (type === 'integer' && !Number.isSafeInteger(standard))
    faults.push(['default', text('pipelines.badDefault', { name, value: standard })]);
  if ((min !== null && standard < min) || (max !== null && standard > max)) {
    faults.push(['default', text('pipelines.defaultOutside', { name, value: standard })]);
  }
  return faults;
}

function choiceFaults({ name, options, default: standard }: Extract<ParameterFields, { type: 'choice' }>): [string, string][] {
  const values = options.map((option) => option.value);
  const faults: [string, string][] = [];
  if (values.includes('') || new Set(values).size !== values.length) faults.push(['options', text('pipelines.badOptions', { name })]);
  if (standard !== '' && !values.includes(standard)) {
    faults.push(['default', text('pipelines.defaultNotOption', { name, value: standard })]);
  }
  return faults;
}
