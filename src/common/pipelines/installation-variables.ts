import { text } from '../../locales/text';

/** What the environment of the installation says where a manifest asks for it, so that one manifest fits machines that name things differently. */
export type InstallationVariables = Readonly<Record<string, string>>;

/** The fields that may ask; `*` stands for each item or entry. Programs and their arguments never do: `${…}` is text there. */
const FIELDS = [
  'docker.image',
  'docker.mounts.*.source',
  'compose.file',
  'compose.service',
  'compose.variables.*',
  'handoff.folder',
  'handoff.workFolder',
  'handoff.pathMap.*.outside',
  'handoff.pathMap.*.inside',
].map((field) => field.split('.'));

const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}/g;

type Fault = [path: PropertyKey[], sentence: string];

/**
 * @param content of a `pipeline.yaml`, as it was written.
 * @returns it with `${NAME}` and `${NAME:-default}` filled in, and the names that are not set though there is no default.
 */
export function fillVariables(content: object, variables: InstallationVariables): { content: object; faults: Fault[] } {
  const faults: Fault[] = [];
  const fill = (value: string, path: PropertyKey[]) =>
    value.replaceAll(VARIABLE, (whole, name: string, fallback: string | undefined) => {
      const given = Object.hasOwn(variables, name) ? variables[name] : '';
      if (given !== '') return given;
      if (fallback === undefined) faults.push([path, text('pipelines.variableNotSet', { name })]);
      return fallback ?? whole;
    });
  const filled = FIELDS.reduce<unknown>((value, field) => fillAt(value, field, [], fill), content);
  return { content: filled as object, faults };
}

function fillAt(
  value: unknown,
  [step, ...rest]: readonly string[],
  above: PropertyKey[],
  fill: (value: string, path: PropertyKey[]) => string,
): unknown {
  if (step === undefined) return typeof value === 'string' ? fill(value, above) : value;
  if (Array.isArray(value)) {
    return step === '*' ? value.map((item: unknown, index) => fillAt(item, rest, [...above, index], fill)) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, step === '*' || step === key ? fillAt(item, rest, [...above, key], fill) : item]),
  );
}
