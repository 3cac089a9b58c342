import type { DocumentFile, DocumentNode } from './argument-file';
import { textOf, type PieceFault } from './pieces';
import type { Scope } from './scope';
import { isValuePart } from './templates';

/** What a YAML or JSON file holds. */
type Content = string | number | boolean | null | Content[] | { [key: string]: Content };

type Report = (fault: PieceFault) => void;

/** The content of a YAML or JSON file. Either holds any text; only lists that are joined within one can be at fault. */
export function renderDocument({ path, format, value, omitEmpty }: DocumentFile & { path: string }, scope: Scope) {
  const faults: PieceFault[] = [];
  const content = contentOf(value, { scope, path, omitEmpty, report: (fault) => faults.push(fault) }) ?? null;
  return { content: format === 'json' ? `${JSON.stringify(content, null, 2)}\n` : `${asYaml(content)}\n`, faults };
}

interface Filling {
  scope: Scope;
  path: string;
  omitEmpty: boolean;
  report: Report;
}

/** Undefined for what is left out. */
function contentOf(node: DocumentNode, filling: Filling): Content | undefined {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'list':
      return node.items.map((item) => contentOf(item, filling)).filter((item) => item !== undefined);
    case 'map': {
      const entries = node.entries.map(([key, inner]): [string, Content | undefined] => [key, contentOf(inner, filling)]);
      return Object.fromEntries(entries.filter((entry): entry is [string, Content] => entry[1] !== undefined));
    }
    case 'template':
      return filled(node.template, filling) ?? (filling.omitEmpty ? undefined : null);
  }
}

function filled(template: Extract<DocumentNode, { kind: 'template' }>['template'], { scope, path, report }: Filling): Content | undefined {
  const [only] = template;
  if (template.length === 1 && isValuePart(only) && only.join === undefined) return scope.typedOf(only) as Content | undefined;
  const pieces = scope.assemble(template, path, report);
  return pieces === null ? undefined : textOf(pieces);
}

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;
/** What YAML 1.1 or 1.2 reads as something else than text. */
const MEANING = /^(?:y|n|yes|no|on|off|true|false|null|nan|inf)$/i;
/** What JSON leaves as it is and YAML 1.1 reads as a line end, or not at all. */
const TO_ESCAPE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/**
 * Block style with every text in double quotes: so readers of YAML 1.1 (PyYAML) and 1.2 agree on each value, also on `no`, `1e3` and
 * `12:30`, which plain texts of one are numbers or truth values of the other.
 */
function asYaml(content: Content, indent = ''): string {
  if (Array.isArray(content)) {
    return content.length === 0 ? '[]' : content.map((item) => `- ${nested(item, `${indent}  `)}`).join(`\n${indent}`);
  }
  if (typeof content !== 'object' || content === null) return scalar(content);
  const entries = Object.entries(content);
  if (entries.length === 0) return '{}';
  const inside = `${indent}  `;
  return entries.map(([key, item]) => `${keyOf(key)}:${isBlock(item) ? `\n${inside}` : ' '}${nested(item, inside)}`).join(`\n${indent}`);
}

function nested(content: Content, indent: string): string {
  return isBlock(content) ? asYaml(content, indent) : asYaml(content);
}

function isBlock(content: Content): boolean {
  return typeof content === 'object' && content !== null && Object.keys(content).length > 0;
}

function scalar(value: string | number | boolean | null): string {
  if (typeof value === 'number') return numeral(value);
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** YAML 1.1 knows an exponent only behind a point and with its sign. */
function numeral(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  const written = String(value);
  return written.includes('.') ? written : written.replace('e', '.0e');
}

function keyOf(key: string): string {
  return PLAIN_KEY.test(key) && !MEANING.test(key) ? key : quoted(key);
}

function quoted(value: string): string {
  return JSON.stringify(value).replace(TO_ESCAPE, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}
