import type { Draft, DraftField } from '../draft';
import type { ImportReport } from '../import-report';
import type { Names } from '../names';
import { ArgumentField } from './argument-field';
import { textOf, type Told, type ToldArgument, type ToldParser, type ToldSubparsers } from './told';

/** Where the arguments of a parser stand: of a subcommand, only where that is chosen. */
interface Place {
  /** Condition of every field. */
  when?: string;
  /** In front of names in the report. */
  command: string;
}

/** Turns a parser with its subcommands into fields, rules and a command line. */
export class ParserForm {
  private readonly walked = new Set<number>();

  constructor(
    private readonly told: Told,
    private readonly draft: Draft,
    private readonly names: Names,
    private readonly report: ImportReport,
  ) {}

  add(parser: ToldParser, place: Place = { command: '' }): void {
    if (this.walked.has(parser.id)) return;
    this.walked.add(parser.id);
    this.noteParser(parser, place);
    const all = this.told.arguments.filter((argument) => argument.parser === parser.id);
    const subparsers = this.told.subparsers.filter((one) => one.parser === parser.id);
    const options = all.filter(({ flags }) => isOption(flags, parser));
    const positionals = all.filter(({ flags }) => !isOption(flags, parser));
    const fields = new Map<ToldArgument, DraftField>();
    const isAlone = place.when === undefined && subparsers.length === 0;
    for (const argument of options) this.one(argument, parser, place, fields);
    // Behind it a value that begins with a hyphen is no option, and an option with many values has ended.
    if (positionals.length > 0 && isAlone) this.draft.arguments.push({ literal: '--' });
    for (const argument of positionals) this.one(argument, parser, place, fields);
    this.exclusive(fields, place);
    for (const one of subparsers) this.commands(one, place);
  }

  private one(argument: ToldArgument, parser: ToldParser, place: Place, fields: Map<ToldArgument, DraftField>): void {
    const reading = new ArgumentField(argument, parser, {
      draft: this.draft,
      names: this.names,
      report: this.report,
      prefix: place.command,
      isMain: place.when === undefined,
      isAlone: !this.told.subparsers.some((one) => one.parser === parser.id),
    });
    const read = reading.read();
    const group = textOf(argument.group ?? undefined) ?? (place.command === '' ? undefined : place.command.trim());
    for (const field of read) {
      if (place.when !== undefined) field.when = place.when;
      if (group !== undefined) field.section = group;
    }
    const [first] = read;
    if (first === undefined) return;
    if (argument.guessed) {
      this.report.note(
        'guessed',
        first.origin,
        'It is added in a function that is given the parser, and was taken for one of the main parser.',
      );
    }
    this.draft.fields.push(...read);
    fields.set(argument, first);
  }

  /** At most one of a group, or exactly one. A value that the form fills in would count as given, so these have no defaults. */
  private exclusive(fields: ReadonlyMap<ToldArgument, DraftField>, { when }: Place): void {
    for (const { id, required } of this.told.exclusive) {
      const group = [...fields].flatMap(([argument, field]) => (argument.exclusive === id ? [field] : []));
      const [first] = group;
      if (first === undefined) continue;
      for (const field of group) {
        field.required = false;
        if (field.kind === 'boolean' || field.default === undefined) continue;
        this.report.note(
          'weakened',
          field.origin,
          `default ${JSON.stringify(field.default)}: it excludes others, so the form leaves it empty; the script takes its default by itself.`,
        );
        delete field.default;
      }
      const given = group.map((field) => (field.kind === 'boolean' ? field.id : `not empty(${field.id})`));
      const labels = group.map(({ origin }) => origin).join(', ');
      for (const [index, field] of group.entries()) {
        const others = given.filter((_, at) => at < index);
        if (others.length > 0)
          this.draft.rules.push({
            check: `not (${given[index]} and ${others.length === 1 ? others[0] : `(${others.join(' or ')})`})`,
            message: `Give only one of these: ${labels}.`,
            at: field.id,
          });
      }
      if (!required) continue;
      const any = given.join(' or ');
      this.draft.rules.push({
        check: when === undefined ? any : `not (${when}) or ${any}`,
        message: `Give one of these: ${labels}.`,
        at: first.id,
      });
    }
  }

  private commands(one: ToldSubparsers, place: Place): void {
    const commands = one.commands.filter(({ name }) => name !== '?' && name !== '');
    if (commands.length === 0) return;
    const origin = `${place.command}${textOf(one.dest) ?? 'subcommand'}`;
    const options = commands.map(({ name, parser }) => {
      const help = textOf(this.told.parsers[parser]?.help) ?? textOf(this.told.parsers[parser]?.description);
      return { value: name, ...(help === undefined ? {} : { label: `${name} – ${help}` }) };
    });
    const field: DraftField = {
      origin,
      id: this.names.give(origin),
      kind: 'choice',
      required: true,
      options,
      ...(place.when === undefined ? {} : { when: place.when }),
    };
    const help = textOf(one.help);
    if (help !== undefined) field.help = help;
    const title = textOf(one.title);
    if (title !== undefined) this.report.note('dropped', origin, `title: ${title.slice(0, 200)}`);
    if (one.required?.value !== true) this.report.note('guessed', origin, 'The script may do without a subcommand; the form asks for one.');
    this.draft.fields.push(field);
    this.draft.arguments.push({ field, flag: null, style: 'bare' });
    for (const { name, parser } of commands) {
      const inner = this.told.parsers[parser];
      if (inner) this.add(inner, { when: `${field.id} == '${name.replaceAll("'", "''")}'`, command: `${place.command}${name} ` });
    }
  }

  private noteParser(parser: ToldParser, { command }: Place): void {
    const name = command.trim();
    if (parser.epilog !== undefined)
      this.report.note('dropped', name, `epilog: ${(textOf(parser.epilog) ?? 'it is computed').slice(0, 200)}`);
    if (parser.usage !== undefined) this.report.note('dropped', name, 'usage: the form shows what there is.');
    if (parser.description?.computed !== undefined)
      this.report.note('dropped', name, `description: it is computed (${parser.description.computed}).`);
    if (parser.argument_default !== undefined)
      this.report.note('dropped', name, 'argument_default: a default for all arguments is not shown.');
    const sign = textOf(parser.fromfile_prefix_chars);
    if (sign !== undefined)
      this.report.note(
        'weakened',
        name,
        `fromfile_prefix_chars: an argument that begins with ${sign} is read by the script as the name of a file with more arguments.`,
      );
  }
}

/** Whether the names of an argument are options: they begin with a hyphen, or with what the parser has in its place. */
function isOption(flags: readonly string[], parser: ToldParser): boolean {
  const signs = textOf(parser.prefix_chars) ?? '-';
  return flags.every((flag) => signs.includes(flag.charAt(0)) && flag !== '');
}
