import { text } from '../../locales/text';
import { compileArgument, defaultArguments } from './argument-templates';
import { compileFiles } from './argument-files/compile-files';
import { compileRuntime } from './compile-runtime';
import { conditionFaults, type FieldFault } from './condition-faults';
import { compileParameter } from './compile-parameter';
import { compileSections, compileSources, formFaults } from './form-parts';
import type { ArgumentPart, Manifest } from './manifest';
import { manifestSchema, type ManifestFields } from './manifest-schema';
import { fillVariables, type InstallationVariables } from './installation-variables';
import { nameRuleFaults } from './name-rules';
import { readableName } from './names';
import { compileOutcome, compileSteps } from './outcome/compile-outcome';
import { parameterFaults } from './parameter-faults';
import { notText } from './plain-fields';
import { knownFields } from './schema-fields';
import { slurmFaults } from './slurm-placement';
import { presetFaults, sampleFaults } from './samples';
import { readYaml } from './yaml-document';
import { viewFaults } from './views/view-faults';
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
  const unfit = unfitTexts(filled.content);
  if (unfit.length > 0) return unfit.map((path) => places.at(path, text('pipelines.noArgument')));
  const result = manifestSchema.safeParse(filled.content, { reportInput: true });
  if (!result.success) return result.error.issues.flatMap((issue) => places.ofIssue(issue, (path) => knownFields(value, path)));
  return compileFields(id, result.data, places);
}

/** Where texts stand that would break off in the hands of a program, or become others. What aliases repeat, or lead into itself, is seen once. */
function unfitTexts(content: unknown): PropertyKey[][] {
  const seen = new Set<object>();
  const unfit: PropertyKey[][] = [];
  const open: [value: unknown, at: PropertyKey[]][] = [[content, []]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, at] = next;
    if (typeof value === 'string' && notText(value)) unfit.push(at);
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    const entries: [PropertyKey, unknown][] = Array.isArray(value) ? [...(value as unknown[]).entries()] : Object.entries(value);
    for (const [step, one] of entries) open.push([one, [...at, step]]);
  }
  return unfit.reverse();
}

function compileFields(id: string, fields: ManifestFields, faults: YamlFaults): Manifest | string[] {
  const { command, env, docker, compose, handoff, slurm, limits, needs, priority, progress, progressSteps, title, outputs, ...more } =
    fields;
  const { parameters: written, arguments: entries, rules, sections, sources, presets, steps, samples, ...others } = more;
  const { files, stage, runId, before, after, ...rest } = others;
  const runtime = compileRuntime({ command, env, docker, compose, handoff, slurm });
  const parameters = written.map((parameter) => compileParameter(parameter, sections));
  const wrong = [
    ...written.flatMap((parameter, index) => parameterFaults(parameter, written.slice(0, index)).map(within('parameters', index))),
    ...conditionFaults(written, rules ?? []),
    ...nameRuleFaults(fields.nameRules ?? [], written),
    ...formFaults(fields, parameters),
    ...sampleFaults(samples ?? [], written),
    ...presetFaults(presets ?? [], written),
    ...viewFaults(fields.views ?? [], parameters),
  ].map(([path, fault]) => faults.at(path, fault));
  const parts: ArgumentPart[] = entries ? [] : defaultArguments(parameters);
  for (const [index, entry] of (entries ?? []).entries()) {
    const part = compileArgument(entry, parameters);
    if (typeof part === 'string') wrong.push(faults.at(['arguments', index], part));
    else parts.push(part);
  }
  const report = (path: PropertyKey[], fault: string) => void wrong.push(faults.at(path, fault));
  const workFolder = compileFiles({ files, stage, runId, before, after }, parameters, report);
  const stepRules = steps && compileSteps(steps, parameters, report);
  const outcome = compileOutcome(rest.outcome, parameters, report);
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
    ...(sections && { sections: compileSections(sections) }),
    ...(sources && { sources: compileSources(sources) }),
    ...(presets && { presets }),
    arguments: parts,
    ...workFolder,
    ...(stepRules && { steps: stepRules }),
    outcome,
    outputs: outputs.map((output) => ({ ...output, title: output.title ?? output.glob })),
    limits: { ...compileLimits(limits), parallel: limits.parallel ?? (runtime.kind === 'handoff' ? 1 : null) },
    needs: { cpu: needs.cpu, memoryBytes: needs.memory ?? null, gpus: needs.gpus },
    rank: priority === 0 ? 0 : -priority,
    progress: progress && { ...progress, ...(progressSteps === undefined ? {} : { steps: progressSteps }) },
  };
}

function within(...above: PropertyKey[]) {
  return ([path, fault]: FieldFault): FieldFault => [[...above, ...path], fault];
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
