import { isMap, isPair, isScalar, type Document, type LineCounter, type Node } from 'yaml';
import type { z } from 'zod';
import { text } from '../../locales/text';
import { nearestName } from './names';

type Path = readonly PropertyKey[];

/** Turns what is wrong in a YAML document into sentences with line and field. */
export class YamlFaults {
  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  /** A fault of one field: `Line 7, parameters 2, min: …`. */
  at(path: Path, fault: string): string {
    // Of an empty file.
    const line = this.lineOf(path) ?? 1;
    const field = fieldName(path);
    return field === '' ? text('pipelines.faultAtLine', { line, fault }) : text('pipelines.faultAtField', { line, field, fault });
  }

  /** The sentences of one issue of zod; those of a union are the ones of the alternative that came nearest. */
  ofIssue(issue: z.core.$ZodIssue, known: (path: Path) => readonly string[], above: Path = []): string[] {
    const path = [...above, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.at([...path, key], unknownField(key, known(path))));
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const deepest = [...issue.errors].sort((one, other) => depth(other) - depth(one) || one.length - other.length)[0];
      if (depth(deepest) > 0) return deepest.flatMap((inner) => this.ofIssue(inner, known, path));
      // Alternatives of one value: ours says more than the words of zod; else the first is the usual one.
      const inner = issue.errors.flat().find(({ code }) => code === 'custom') ?? issue.errors[0]?.[0];
      if (inner && issue.input !== undefined) return this.ofIssue(inner, known, path);
    }
    return [this.at(path, faultOf(issue))];
  }

  /** Line of the nearest node on a path that the document has. */
  private lineOf(path: Path): number | undefined {
    for (let length = path.length; length >= 0; length--) {
      const start = this.startOf(path.slice(0, length));
      if (start !== undefined) return this.lines.linePos(start).line;
    }
    return undefined;
  }

  private startOf(path: Path): number | undefined {
    const parent: unknown = path.length < 2 ? this.document.contents : this.document.getIn(path.slice(0, -1), true);
    if (isMap(parent) && path.length > 0) {
      const pair = parent.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === path.at(-1));
      return (pair?.key as Node | undefined)?.range?.[0];
    }
    return (this.document.getIn(path, true) as Node | undefined)?.range?.[0];
  }
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));
}

function unknownField(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known);
  return meant ? text('pipelines.unknownFieldMeant', { meant }) : text('pipelines.unknownField', { known: known.join(', ') });
}

function faultOf(issue: z.core.$ZodIssue): string {
  if ((issue.code === 'invalid_type' || issue.code === 'invalid_union') && issue.input === undefined) return text('pipelines.fieldMissing');
  const choice = choiceOf(issue);
  if (choice) return choiceFault(choice);
  return issue.message.replace(/^Invalid input: /, '').replace(/^(.)/, (first) => first.toUpperCase());
}

interface Choice {
  value: unknown;
  options: readonly string[];
}

/** What was chosen among words, where that is what went wrong. */
function choiceOf(issue: z.core.$ZodIssue): Choice | undefined {
  if (issue.code === 'invalid_value') return { value: issue.input, options: issue.values.map(String) };
  if (issue.code !== 'invalid_union' || !issue.discriminator) return undefined;
  const { options = [] } = issue as { options?: readonly unknown[] };
  return { value: (issue.input as Record<string, unknown>)[issue.discriminator], options: options.map(String) };
}

function choiceFault({ value, options }: Choice): string {
  const known = options.join(', ');
  if (value === undefined || value === null) return text('pipelines.choiceMissing', { known });
  const meant = typeof value === 'string' ? nearestName(value, options) : undefined;
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return meant ? text('pipelines.choiceMeant', { value: shown, meant }) : text('pipelines.choiceUnknown', { value: shown, known });
}

/** `['parameters', 1, 'min']` as people count: `parameters 2, min`. */
function fieldName(path: Path): string {
  return path.map((step, index) => (typeof step === 'number' ? ` ${step + 1}` : `${index === 0 ? '' : ', '}${String(step)}`)).join('');
}
