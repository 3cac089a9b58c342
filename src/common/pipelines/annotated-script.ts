import { text } from '../../locales/text';
import { readAnnotatedLine } from './annotation-line';
import { annotatedParameter } from './annotated-parameter';
import type { ArgumentPart, Manifest, Parameter } from './manifest';
import { DEFAULT_FIELDS } from './manifest-defaults';
import { isParameterName, readableName } from './names';
import { isHeading, readHeading } from './script-headings';

/** How much of a script is read: annotations stand at its top. */
export const SCRIPT_HEAD_BYTES = 64 * 1024;

export interface ScriptSource {
  id: string;
  /** argv prefix that starts it. */
  command: string[];
  /** The first `SCRIPT_HEAD_BYTES` of the file. */
  head: string;
  /** SCRIPT_PREFIX. */
  prefix: string;
}

/**
 * Reads the annotations of a script: lines `PREFIX name - description` in the order of its arguments, as ScriptRunner had them, with the
 * typed extension `name:type=default [range]` and headings such as `PREFIX title: …`. Every parameter is one argument, also an empty
 * one, so that $1, $2 … keep their meaning.
 * @returns the manifest, null when there is no annotation at all, or what is wrong with it, one sentence a fault.
 */
export function compileScript({ id, command, head, prefix }: ScriptSource): Manifest | null | string[] {
  const fields = { ...DEFAULT_FIELDS, title: readableName(id) };
  const parameters: Parameter[] = [];
  const faults: string[] = [];
  let annotations = 0;
  for (const [index, line] of head.split(/\r\n|\n|\r/).entries()) {
    const rest = annotationOf(line, prefix);
    if (rest === undefined) continue;
    annotations += 1;
    const fault = isHeading(rest) ? readHeading(rest, fields) : readParameter(rest, parameters);
    if (fault !== undefined) faults.push(text('pipelines.faultAtLine', { line: index + 1, fault }));
  }
  if (annotations === 0) return null;
  faults.push(...positionFaults(parameters));
  if (faults.length > 0) return faults;
  return { ...fields, id, runtime: { kind: 'process', command, env: {} }, parameters, arguments: parameters.map(positional) };
}

/** What follows the prefix; undefined for any other line. A line of nothing else (a ruler) says nothing. */
function annotationOf(line: string, prefix: string): string | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith(prefix)) return undefined;
  const rest = trimmed.slice(prefix.length);
  return /^[\s~#=*-]*$/.test(rest) ? undefined : rest.trim();
}

function readParameter(rest: string, parameters: Parameter[]): string | undefined {
  const line = readAnnotatedLine(rest);
  if (typeof line === 'string') return line;
  const name = plainName(line.name);
  if (!isParameterName(name)) return text('pipelines.badParameterName', { name: line.name.slice(0, 80) });
  if (parameters.some((parameter) => parameter.name === name)) return text('pipelines.parameterTwice', { name });
  const parameter = annotatedParameter(line, name);
  if (typeof parameter === 'string') return parameter;
  parameters.push(parameter);
  return undefined;
}

/** ScriptRunner took any name; arguments are given by position, so blanks and dots in it may become underscores. */
function plainName(name: string): string {
  return name.replace(/[\s.-]+/g, '_');
}

/** A list of files takes as many places as it has files: nothing may follow it. */
function positionFaults(parameters: readonly Parameter[]): string[] {
  return parameters
    .slice(0, -1)
    .filter((parameter) => parameter.type === 'files')
    .map(({ name }) => text('pipelines.filesNotLast', { name }));
}

function positional(parameter: Parameter): ArgumentPart {
  if (parameter.type === 'boolean') return { kind: 'boolean', parameter: parameter.name, whenTrue: 'true', whenFalse: 'false' };
  const value: ArgumentPart = { kind: 'value', parameter: parameter.name, flag: null, style: 'bare' };
  return parameter.type === 'files' ? value : { ...value, keepEmpty: true };
}
