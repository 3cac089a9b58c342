import type { DraftField } from '../draft';
import { asText } from '../foreign';
import { ArgumentParts } from './argument-parts';
import { guessFile, isResultsFolder } from './guess-file';
import { textOf } from './told';

/** Fields that are typed into. */
const SHOWS_WORDS = new Set<DraftField['kind']>(['string', 'text', 'integer', 'number', 'list', 'directory', 'output']);

/** Reads one argument: the field that asks for it, and its place in the command line. */
export class ArgumentField extends ArgumentParts {
  /** None for what is no field of a form; several for an argument that always takes several values. */
  read(): DraftField[] {
    const { action, help } = this.argument;
    if (action.name === 'help') return [];
    if (action.name === 'version') return this.version();
    if (help?.special === 'suppress') this.note('weakened', 'Its help is suppressed, so it is folded away.');
    if (isResultsFolder(this.dest) && action.name === 'store') return this.resultsFolder();
    const field: DraftField = {
      origin: this.origin,
      id: this.around.names.give(this.around.prefix + this.dest),
      kind: 'string',
      required: this.isRequired(),
    };
    const words = this.helpWords();
    if (words !== '') field.help = words;
    if (help?.special === 'suppress') field.advanced = true;
    this.settle(field);
    this.metavar(field);
    return [field, ...this.more];
  }

  /** What stands for the value in the usage of the script. */
  private metavar(field: DraftField): void {
    const { metavar } = this.argument;
    if (metavar === undefined) return;
    const words = textOf(metavar);
    if (words !== undefined && SHOWS_WORDS.has(field.kind)) field.placeholder = words;
    else this.note('dropped', `metavar ${JSON.stringify(metavar.value ?? metavar.computed)}: the form shows the name of the field.`);
  }

  private version(): [] {
    const version = textOf(this.argument.version)
      ?.replaceAll(/%\(prog\)s|%%/g, '')
      .trim();
    if (version !== undefined && version !== '' && version.length <= 100) this.around.draft.version = version;
    else this.note('dropped', 'version: it is computed.');
    return [];
  }

  private resultsFolder(): [] {
    this.note('guessed', 'It was taken for the folder for results, which Showrunner gives; nobody need enter it.');
    const { arguments: line } = this.around.draft;
    if (this.around.isMain) line.push({ outputFolder: true, flag: this.flag, style: this.flag === null ? 'bare' : 'equals' });
    else this.note('dropped', 'In a subcommand it cannot be passed only where that is chosen; the script takes its default.');
    return [];
  }

  private isRequired(): boolean {
    const { required, nargs } = this.argument;
    if (required?.computed !== undefined) this.note('guessed', `required: it is computed (${required.computed}); it may stay empty.`);
    if (this.flag !== null) return required?.value === true;
    return nargs?.value !== '?' && nargs?.value !== '*' && nargs?.value !== '...';
  }

  private helpWords(): string {
    const { help, default: standard } = this.argument;
    if (help?.computed !== undefined) this.note('dropped', `help: it is computed (${help.computed}).`);
    const shown = standard?.value === undefined ? (standard?.computed ?? '') : (asText(standard.value) ?? JSON.stringify(standard.value));
    return (textOf(help) ?? '')
      .replaceAll('%(default)s', shown)
      .replaceAll('%(prog)s', this.around.draft.title)
      .replaceAll(/%\((\w+)\)s/g, '$1')
      .replaceAll('%%', '%');
  }

  private settle(field: DraftField): void {
    const { action, type } = this.argument;
    switch (action.name) {
      case 'store_true':
      case 'store_false':
      case 'store_const':
      case 'append_const':
        return this.box(field);
      case 'BooleanOptionalAction':
        field.kind = 'boolean';
        field.default = this.argument.default?.value === true;
        this.around.draft.arguments.push({
          boolean: field,
          whenTrue: this.flag,
          whenFalse: `--no-${(this.flag ?? '').replace(/^-+/, '')}`,
        });
        return;
      case 'count':
        return this.count(field);
      case 'store':
      case 'append':
      case 'extend':
        break;
      default:
        this.note('guessed', `action ${action.source ?? action.name}: it is one of the script's own, and was taken for store.`);
    }
    if (type.name === 'bool') return this.truth(field);
    this.kind(field);
    this.choices(field);
    if (this.many(field)) return;
    this.standard(field);
    this.pass(field);
  }

  private box(field: DraftField): void {
    const { action, default: standard } = this.argument;
    field.kind = 'boolean';
    if (action.name.endsWith('const'))
      this.note(
        'weakened',
        `${action.name}: it is a box; ticked, the script takes the value ${JSON.stringify(this.argument.const?.value ?? this.argument.const?.computed ?? null)}.`,
      );
    const isOn = action.name === 'store_false' ? standard?.value !== false : standard?.value === true;
    if (action.name === 'store_false') {
      field.default = isOn;
      this.around.draft.arguments.push({ boolean: field, whenTrue: null, whenFalse: this.flag });
      return;
    }
    if (isOn) this.note('weakened', 'It is on whatever is ticked: its default is true, and no option turns it off.');
    if (standard?.computed !== undefined) this.note('dropped', `default: it is computed (${standard.computed}).`);
    this.around.draft.arguments.push({ boolean: field, whenTrue: this.flag, whenFalse: null });
  }

  private count(field: DraftField): void {
    const short = this.argument.flags.find((flag) => /^-\w$/.test(flag));
    if (short === undefined) {
      field.kind = 'boolean';
      this.note('weakened', 'count: it can be given once.');
      this.around.draft.arguments.push({ boolean: field, whenTrue: this.flag, whenFalse: null });
      return;
    }
    field.kind = 'choice';
    field.required = false;
    field.options = [1, 2, 3].map((times) => ({ value: `-${(short[1] ?? '').repeat(times)}`, label: String(times) }));
    this.note('weakened', 'count: it can be given up to three times.');
    this.around.draft.arguments.push({ field, flag: null, style: 'bare' });
  }

  /** `type=bool` takes every text but the empty one for true. */
  private truth(field: DraftField): void {
    field.kind = 'boolean';
    field.default = this.argument.default?.value === true;
    this.note('guessed', 'type bool: it is a box; not ticked, the script gets an empty text, which alone it takes for false.');
    const before = this.flag === null ? '' : `${this.flag}=`;
    this.around.draft.arguments.push({ boolean: field, whenTrue: `${before}True`, whenFalse: before });
  }

  private kind(field: DraftField): void {
    const { type, choices } = this.argument;
    if (type.name === 'int') field.kind = 'integer';
    else if (type.name === 'float') field.kind = 'number';
    else if (type.name === 'file') field.kind = /[wax+]/.test(type.mode ?? 'r') ? 'output' : 'file';
    else if (type.name === 'open') field.kind = 'file';
    else if (type.name === 'other') this.note('weakened', `type ${type.source ?? ''}: what it refuses is not checked before the run.`);
    if ((type.name !== 'str' && type.name !== 'Path') || choices !== undefined) return;
    const guess = guessFile(this.dest, field.help ?? '', type.name === 'Path');
    if (guess === null) return;
    field.kind = guess;
    this.note(
      'guessed',
      guess === 'file' ? 'It was taken for one of the files of the project.' : 'It was taken for the name of a file among the results.',
    );
  }

  private choices(field: DraftField): void {
    const { choices } = this.argument;
    if (choices === undefined) return;
    if (!Array.isArray(choices.value))
      return this.note('weakened', `choices: they are computed (${choices.computed ?? ''}); the form takes anything.`);
    const values = [...new Set(choices.value.flatMap((value) => asText(value) ?? []))].filter((value) => value !== '');
    if (choices.value.includes('')) this.note('weakened', 'choices: the empty one cannot be chosen.');
    if (values.length === 0) return this.note('weakened', 'choices: there is none that is text.');
    field.kind = 'choice';
    field.options = values.map((value) => ({ value }));
  }
}
