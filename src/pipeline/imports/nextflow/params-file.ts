import type { Draft, DraftField } from '../draft';
import { asText, isObject, own, ownList, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';

const FILE = 'params.json';

/**
 * The parameters of a Nextflow pipeline as the file that `-params-file` reads: there numbers, truth values, lists and texts are what they
 * are, while of `--name=value` Nextflow guesses the types.
 */
export class Parameters {
  private readonly value: Foreign = {};

  constructor(
    private readonly draft: Draft,
    private readonly report: ImportReport,
  ) {}

  pass(field: DraftField, schema: Foreign): void {
    const { origin, kind } = field;
    const type = own(schema, 'type');
    // Of a menu the file would hold texts, and of the command line Nextflow makes the numbers that the schema asks for.
    const isNumber = kind === 'choice' && (type === 'integer' || type === 'number' || ownList(schema, 'enum').some(isNoText));
    const content = kind === 'table' ? `{outputFolder}/${this.sheet(field)}` : `{${field.id}}`;
    if (isNumber || !this.put(origin, content)) this.asArgument(field);
    if (kind === 'choices' && field.items?.kind !== 'string')
      this.report.note('weakened', origin, 'Its values are numbers, and Nextflow gets them as texts.');
  }

  /** @param name with dots where objects lie in each other. @returns whether there is a place for it. */
  put(name: string, content: string): boolean {
    const steps = name.split('.');
    // Of both "a" and "a.b" the second would take the place of the first.
    if (steps.includes('__proto__') || name === '') return false;
    let at = this.value;
    for (const step of steps.slice(0, -1)) {
      const inner = own(at, step) ?? {};
      if (!isObject(inner)) return false;
      at[step] = inner;
      at = inner;
    }
    const last = steps.at(-1) ?? '';
    if (Object.hasOwn(at, last)) return false;
    at[last] = content;
    return true;
  }

  finish(): void {
    if (Object.keys(this.value).length === 0) return;
    this.draft.written.push({ path: FILE, format: 'json', value: this.value });
    this.draft.arguments.unshift({ literal: '-params-file' }, { literal: FILE });
  }

  private sheet({ id }: DraftField): string {
    return this.draft.written.find((file) => file.format === 'rows' && file.field.id === id)?.path ?? '';
  }

  private asArgument(field: DraftField): void {
    const flag = `--${field.origin}`;
    if (field.kind === 'boolean') this.draft.arguments.push({ boolean: field, whenTrue: `${flag}=true`, whenFalse: `${flag}=false` });
    else this.draft.arguments.push({ field, flag, style: 'equals' });
  }
}

function isNoText(value: unknown): boolean {
  return typeof value !== 'string' && asText(value) !== undefined;
}
