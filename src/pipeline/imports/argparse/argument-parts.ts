import type { Draft, DraftField } from '../draft';
import { asText } from '../foreign';
import type { ImportReport, Loss } from '../import-report';
import type { Names } from '../names';
import { textOf, type ToldArgument, type ToldParser } from './told';

export interface Around {
  draft: Draft;
  names: Names;
  report: ImportReport;
  /** In front of its name in the report, with a blank. */
  prefix: string;
  /** Whether it is always there, whatever subcommand is chosen. */
  isMain: boolean;
  /** Whether no subcommand can follow it, which would be one more value of it. */
  isAlone: boolean;
}

/** What all arguments have: a name, a flag, a default, one value or several, and a place in the command line. */
export abstract class ArgumentParts {
  /** Fields beside the first. */
  protected readonly more: DraftField[] = [];
  protected readonly dest: string;
  protected readonly origin: string;
  /** The flag that is written; null for a positional argument. */
  protected readonly flag: string | null;

  constructor(
    protected readonly argument: ToldArgument,
    protected readonly parser: ToldParser,
    protected readonly around: Around,
  ) {
    const { flags, dest } = argument;
    const signs = textOf(parser.prefix_chars) ?? '-';
    const long = flags.find((flag) => flag.length > 2 && signs.includes(flag.charAt(0)) && signs.includes(flag.charAt(1)));
    const first = flags[0] ?? '';
    this.flag = signs.includes(first.charAt(0)) ? (long ?? first) : null;
    this.dest = textOf(dest) ?? (this.flag ?? first).replace(/^\W+/, '').replaceAll('-', '_');
    this.origin = `${around.prefix}${this.flag ?? first}`;
  }

  /** What takes several values. @returns whether its place in the command line is settled. */
  protected many(field: DraftField): boolean {
    const { action, nargs } = this.argument;
    const isRepeated = action.name === 'append' || action.name === 'extend';
    const count = nargs?.value;
    if (nargs?.computed !== undefined) this.note('guessed', `nargs: it is computed (${nargs.computed}); one value can be entered.`);
    if (count === '?' && this.flag !== null) this.note('weakened', 'nargs ?: its flag cannot be given without a value.');
    if (typeof count === 'number' && count >= 2 && count <= 10) return this.fixed(field, count);
    if (!isRepeated && count !== '+' && count !== '*' && count !== '...') return false;
    if (count === '...') this.note('weakened', 'nargs REMAINDER: it is one more argument.');
    if (field.kind === 'file') return this.manyFiles(field, isRepeated, count);
    if (field.kind === 'choice') field.kind = 'choices';
    else if (field.kind === 'integer' || field.kind === 'number' || field.kind === 'string') {
      field.items = { kind: field.kind, separator: ',' };
      field.kind = 'list';
    }
    field.many = isRepeated ? 'repeat' : 'each';
    const standard = this.argument.default?.value;
    if (Array.isArray(standard) && !isRepeated) this.takeAll(field, standard);
    else if (Array.isArray(standard) && standard.length > 0)
      this.note('weakened', `default ${JSON.stringify(standard).slice(0, 200)}: the script puts it in front of what is entered.`);
    else this.standard(field);
    if (isRepeated || this.flag === null) this.pass(field);
    else this.passAll(field, this.flag, count === '+');
    if (field.kind === 'list' && field.items?.kind === 'string')
      this.note('weakened', 'Its values are typed with commas or line ends between them, so none can hold one.');
    return true;
  }

  /** One flag in front of all values: where there may be none, it would stand alone. */
  private passAll(field: DraftField, flag: string, needsOne: boolean): void {
    const { draft, isMain, isAlone } = this.around;
    if (field.required && needsOne && isMain && isAlone) {
      if (field.items?.kind === 'string') {
        // The script would take it for an option.
        Object.assign(field, { pattern: '[^\\-][^]*', patternMessage: 'Write values that do not begin with a hyphen.' });
        this.note('weakened', 'None of its values can begin with a hyphen.');
      }
      draft.arguments.push({ literal: flag }, { field, flag: null, style: 'bare' });
      return;
    }
    const kind = field.kind === 'choices' ? 'choice' : (field.items?.kind ?? 'string');
    this.note(
      'weakened',
      `One value can be ${kind === 'choice' ? 'chosen' : 'entered'} instead of several: one flag in front of several values, or of none, cannot be written.`,
    );
    const [first, ...others] = Array.isArray(field.default) ? field.default : [];
    delete field.default;
    delete field.items;
    field.kind = kind;
    if (others.length > 0)
      this.note('dropped', `default ${JSON.stringify([first, ...others]).slice(0, 200)}: left empty, the script takes its own.`);
    else if (first !== undefined) this.take(field, first);
    this.pass(field);
  }

  /** A default of several values. */
  private takeAll(field: DraftField, values: readonly unknown[]): void {
    const texts = values.flatMap((value) => asText(value) ?? []);
    if (texts.length === values.length) field.default = texts;
    else this.note('dropped', `default ${JSON.stringify(values).slice(0, 200)}: not all of it is text.`);
  }

  protected manyFiles(field: DraftField, isRepeated: boolean, count: unknown): boolean {
    field.kind = 'files';
    field.items = { kind: 'string', separator: ',', least: field.required ? 1 : 0 };
    if (this.flag === null || isRepeated) this.pass(field);
    else if (field.required && count === '+' && this.around.isMain && this.around.isAlone) {
      // One flag in front of all of them; it is never without.
      this.around.draft.arguments.push({ literal: this.flag }, { field, flag: null, style: 'bare' });
    } else {
      field.kind = 'file';
      delete field.items;
      this.note(
        'weakened',
        'One file can be chosen instead of several: one flag in front of several values, or of none, cannot be written.',
      );
      this.pass(field);
    }
    return true;
  }

  /** `nargs=2`: as many fields, of which either all or none are filled in. */
  protected fixed(field: DraftField, count: number): boolean {
    const { draft, names } = this.around;
    const standards = Array.isArray(this.argument.default?.value) ? this.argument.default.value : [];
    const others = Array.from({ length: count - 1 }, (_, at): DraftField => ({
      ...field,
      origin: `${this.origin} ${at + 2}`,
      id: names.give(`${this.around.prefix}${this.dest} ${at + 2}`),
    }));
    for (const [at, one] of [field, ...others].entries()) this.take(one, standards[at]);
    if (!field.required) for (const one of others) one.requiredWhen = `not empty(${field.id})`;
    if (!field.required) field.requiredWhen = others.map(({ id }) => `not empty(${id})`).join(' or ');
    this.more.push(...others);
    this.note('weakened', `nargs ${count}: it is ${count} fields.`);
    if (this.flag === null) draft.arguments.push({ field, flag: null, style: 'bare' });
    else draft.arguments.push({ field, flag: this.flag, style: 'separate' });
    for (const one of others) draft.arguments.push({ field: one, flag: null, style: 'bare' });
    return true;
  }

  protected standard(field: DraftField): void {
    const set = this.parser.defaults?.find(([dest]) => dest === this.dest)?.[1];
    const given = set ?? this.argument.default;
    if (given === undefined || given.special === 'suppress' || given.value === null) return;
    if (given.special !== undefined)
      return this.note(
        'weakened',
        `default ${given.special}: nothing is read from standard input or shown otherwise; left empty, the script decides.`,
      );
    if (given.computed !== undefined)
      return this.note('dropped', `default: it is computed (${given.computed}); left empty, the script takes it.`);
    if (field.kind === 'file' || field.kind === 'files')
      return this.note('dropped', `default ${JSON.stringify(given.value)}: left empty, the script takes it.`);
    this.take(field, given.value);
    if (this.flag === null && this.argument.nargs?.value === '?') field.required = false;
  }

  protected take(field: DraftField, value: unknown): void {
    if (value === undefined || value === null) return;
    const text = asText(value);
    if (text === undefined) return this.note('dropped', `default ${JSON.stringify(value).slice(0, 200)}: it is no text.`);
    if (field.kind === 'list' || field.kind === 'choices') field.default = [text];
    else if (field.kind !== 'integer' && field.kind !== 'number') field.default = text;
    else if (text.trim() !== '' && Number.isFinite(Number(text))) field.default = Number(text);
    else this.note('dropped', `default "${text.slice(0, 200)}": it is no number.`);
  }

  protected pass(field: DraftField): void {
    const { draft } = this.around;
    if (this.flag !== null) draft.arguments.push({ field, flag: this.flag, style: 'equals' });
    else {
      if (!field.required) this.note('weakened', 'Left empty, it gives no argument, so that those behind it move up.');
      draft.arguments.push({ field, flag: null, style: 'bare' });
    }
  }

  protected note(loss: Loss, sentence: string): void {
    this.around.report.note(loss, this.origin, sentence);
  }
}
