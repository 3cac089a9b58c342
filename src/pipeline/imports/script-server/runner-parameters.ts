import type { Draft, DraftArgument, DraftField } from '../draft';
import { asText, isObject, own, ownList, ownNumber, ownObject, ownText, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';
import { readable } from '../json-pattern';
import type { Names } from '../names';
import { IP_PATTERNS, READ_OF_PARAMETERS } from './runner-words';

type Say = (loss: 'dropped' | 'weakened' | 'guessed', sentence: string) => void;

/** The parameters of a runner, in their order, which is also that of their arguments. */
export class RunnerParameters {
  private section: string | undefined;
  /** `NAME={parameter}` in front of the command, which `env` then starts. */
  private readonly variables: DraftArgument[] = [];

  constructor(
    private readonly draft: Draft,
    private readonly names: Names,
    private readonly report: ImportReport,
  ) {}

  add(parameter: Foreign): void {
    const origin = ownText(parameter, 'name') ?? ownText(parameter, 'param') ?? `parameter ${this.draft.fields.length + 1}`;
    const note: Say = (loss, sentence) => this.report.note(loss, origin, sentence);
    const separator = ownText(ownObject(ownObject(parameter, 'ui'), 'separator_before'), 'title');
    if (separator !== undefined) this.section = separator;
    if (own(ownObject(parameter, 'ui'), 'width_weight') !== undefined)
      note('dropped', 'ui.width_weight: fields stand one below the other.');
    for (const key of Object.keys(parameter)) if (!READ_OF_PARAMETERS.has(key)) note('dropped', `${key.slice(0, 80)}: it is not known.`);
    if (own(parameter, 'constant') === true) return this.constant(parameter, note);
    const field: DraftField = {
      origin,
      id: this.names.give(origin),
      kind: 'string',
      label: origin,
      required: own(parameter, 'required') === true,
    };
    if (this.section !== undefined) field.section = this.section;
    const help = ownText(parameter, 'description');
    if (help !== undefined) field.help = help;
    kindOf(field, parameter, note);
    for (const key of ['min', 'max', 'max_length']) {
      const limit = own(parameter, key);
      if (limit !== undefined && limit !== null && ownNumber(parameter, key) === undefined)
        note('dropped', `${key} ${JSON.stringify(limit).slice(0, 80)}: it is no number.`);
    }
    if (own(parameter, 'secure') === true && field.kind !== 'secret' && field.kind !== 'boolean')
      note('weakened', 'secure: what is chosen of a secret is kept with the run and shown on its page.');
    defaultOf(field, parameter, note);
    this.draft.fields.push(field);
    this.pass(field, parameter, note);
  }

  /** Puts what goes into the environment in front of the command. */
  finish(): void {
    if (this.variables.length === 0) return;
    const command = this.draft.command.map((literal) => ({ literal }));
    this.draft.command = ['env'];
    this.draft.arguments.unshift(...this.variables, ...command);
  }

  private constant(parameter: Foreign, note: Say): void {
    const value = ownText(parameter, 'default') ?? asText(own(parameter, 'default'));
    const flag = ownText(parameter, 'param') ?? null;
    if (own(parameter, 'no_value') === true) {
      if (flag !== null && value !== 'false') this.draft.arguments.push({ literal: flag });
      return;
    }
    if (value === undefined) return note('dropped', 'A constant whose value is computed.');
    if (isComputed(value))
      return note('dropped', `A constant whose value is ${value.slice(0, 100)}, which is only known to script-server.`);
    const how = ownText(parameter, 'pass_as');
    if (how === 'stdin') return note('dropped', 'pass_as stdin: programs read nothing from standard input.');
    const variable = ownText(parameter, 'env_var');
    if (variable !== undefined && isVariable(variable)) this.draft.env[variable] = value;
    if (how === 'env_variable') {
      if (variable === undefined) note('dropped', 'pass_as env_variable without env_var.');
      return;
    }
    if (flag === null) this.draft.arguments.push({ literal: value });
    else if (own(parameter, 'same_arg_param') === true) this.draft.arguments.push({ literal: flag + value });
    else this.draft.arguments.push({ literal: flag }, { literal: value });
  }

  private pass(field: DraftField, parameter: Foreign, note: Say): void {
    const how = ownText(parameter, 'pass_as');
    const flag = ownText(parameter, 'param') ?? null;
    if (how === 'stdin' || ownText(parameter, 'stdin_expected_text') !== undefined)
      note('dropped', 'pass_as stdin: programs read nothing from standard input, so its value reaches nobody.');
    this.passVariable(field, parameter, how, note);
    if (how === 'stdin' || how === 'env_variable') return;
    if (field.kind === 'boolean') {
      if (flag === null) note('dropped', 'A box without param: its value reaches nobody.');
      this.draft.arguments.push({ boolean: field, whenTrue: flag, whenFalse: null });
      return;
    }
    if (flag === null) {
      if (!field.required) note('weakened', 'Left empty, it gives no argument, so that those behind it move up.');
      this.draft.arguments.push({ field, flag: null, style: 'bare' });
    } else if (field.many === 'each') this.passEach(field, flag, note);
    else if (own(parameter, 'same_arg_param') !== true) this.draft.arguments.push({ field, flag, style: 'separate' });
    else if (flag.endsWith('=') && flag.length > 1) this.draft.arguments.push({ field, flag: flag.slice(0, -1), style: 'equals' });
    else {
      note('weakened', `same_arg_param: ${flag} and its value are two arguments, because only an equals sign may join them.`);
      this.draft.arguments.push({ field, flag, style: 'separate' });
    }
  }

  /** One flag in front of all values: where there may be none, it would stand alone. */
  private passEach(field: DraftField, flag: string, note: Say): void {
    if (field.required) return void this.draft.arguments.push({ literal: flag }, { field, flag: null, style: 'bare' });
    Object.assign(field, { kind: 'choice', ...(Array.isArray(field.default) ? { default: field.default[0] } : {}) });
    note('weakened', 'One value can be chosen instead of several: one flag in front of several values, or of none, cannot be written.');
    this.draft.arguments.push({ field, flag, style: 'separate' });
  }

  private passVariable(field: DraftField, parameter: Foreign, how: string | undefined, note: Say): void {
    const variable = ownText(parameter, 'env_var');
    if (variable === undefined) {
      if (how === 'env_variable') note('dropped', 'pass_as env_variable without env_var: its value reaches nobody.');
      else note('dropped', 'Its value is not in the environment as PARAM_… too.');
    } else if (!isVariable(variable)) note('dropped', `env_var ${variable.slice(0, 40)}: it cannot be the name of a variable.`);
    else if (field.kind === 'boolean') this.variables.push({ boolean: field, whenTrue: `${variable}=true`, whenFalse: null });
    else this.variables.push({ field, flag: variable, style: 'equals', join: field.items?.separator ?? ',' });
  }
}

function isVariable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

/** Values that script-server fills in itself. */
function isComputed(value: string): boolean {
  return value.startsWith('$$') || /\$\{/.test(value);
}

function kindOf(field: DraftField, parameter: Foreign, note: Say): void {
  const type = ownText(parameter, 'type') ?? 'text';
  if (own(parameter, 'no_value') === true) {
    field.kind = 'boolean';
    return;
  }
  if (own(parameter, 'secure') === true) field.kind = 'secret';
  switch (type) {
    case 'text':
      return textLimits(field, parameter, note);
    case 'multiline_text':
      if (field.kind !== 'secret') field.kind = 'text';
      return textLimits(field, parameter, note);
    case 'int': {
      field.kind = 'integer';
      const [min, max] = [ownNumber(parameter, 'min'), ownNumber(parameter, 'max')];
      if (min !== undefined) field.min = min;
      if (max !== undefined) field.max = max;
      return;
    }
    case 'list':
    case 'multiselect':
    case 'editable_list':
      return listKind(field, parameter, type, note);
    case 'file_upload':
      field.kind = 'file';
      return;
    case 'server_file':
      return serverFile(field, parameter, note);
    default:
      if (Object.hasOwn(IP_PATTERNS, type)) Object.assign(field, IP_PATTERNS[type]);
      else note('guessed', `type ${type.slice(0, 40)} is not known and was taken for text.`);
  }
}

function textLimits(field: DraftField, parameter: Foreign, note: Say): void {
  const regex = ownObject(parameter, 'regex');
  const pattern = ownText(regex, 'pattern');
  const plain = pattern === undefined ? undefined : readable(pattern);
  if (pattern !== undefined && plain === undefined) note('dropped', `regex ${pattern.slice(0, 200)}: JavaScript cannot read it.`);
  if (plain !== undefined && field.kind === 'text') note('dropped', `regex ${plain.slice(0, 200)}: texts of many lines have no pattern.`);
  else if (plain !== undefined) {
    field.pattern = plain;
    const message = ownText(regex, 'description');
    if (message !== undefined) field.patternMessage = message;
  }
  const most = ownNumber(parameter, 'max_length');
  if (most !== undefined && most >= 1) field.maxLength = Math.min(Math.floor(most), 32_000);
}

function listKind(field: DraftField, parameter: Foreign, type: string, note: Say): void {
  const given = own(parameter, 'values');
  const labels = ownObject(parameter, 'values_ui_mapping');
  if (isObject(given)) {
    const script = ownText(given, 'script') ?? '';
    const depends = script.includes('${') ? ', depending on other fields' : '';
    return note('weakened', `Its values come from a command (${script.slice(0, 100)})${depends}; the form takes any text.`);
  }
  const values = [...new Set(ownList(parameter, 'values').flatMap((value) => asText(value) ?? []))].filter((value) => value !== '');
  if (values.length === 0) return note('weakened', 'It has no values; the form takes any text.');
  const options = values.map((value) => ({ value, label: ownText(labels, value) ?? value }));
  if (type === 'editable_list') {
    field.examples = values;
    return;
  }
  field.options = options;
  field.kind = type === 'list' ? 'choice' : 'choices';
  if (type === 'list') return;
  const how = ownText(parameter, 'multiselect_argument_type') ?? 'single_argument';
  field.many = how === 'argument_per_value' ? 'each' : how === 'repeat_param_value' ? 'repeat' : 'join';
  field.items = { kind: 'string', separator: ownText(parameter, 'separator') ?? ',' };
}

function serverFile(field: DraftField, parameter: Foreign, note: Say): void {
  const folder = ownText(parameter, 'file_dir') ?? '';
  if (ownText(parameter, 'file_type') === 'dir') {
    field.kind = 'directory';
    if (folder !== '') field.help = [field.help, `A folder in ${folder}.`].filter(Boolean).join(' ');
    return;
  }
  field.kind = 'file';
  const endings = ownList(parameter, 'file_extensions').flatMap((ending) => asText(ending) ?? []);
  if (endings.length > 0) field.accept = endings;
  note(
    'weakened',
    `It is chosen among the files of the project and the inbox instead of ${folder === '' ? 'a folder of the server' : folder.slice(0, 200)}.`,
  );
  if (own(parameter, 'excluded_files') !== undefined) note('dropped', 'excluded_files: only endings are looked at.');
}

function defaultOf(field: DraftField, parameter: Foreign, note: Say): void {
  const given = own(parameter, 'default');
  const separator = field.items?.separator ?? ',';
  if (given === undefined || given === null || given === '') return;
  if (isObject(given)) return note('dropped', `default: it comes from a command (${(ownText(given, 'script') ?? '').slice(0, 100)}).`);
  const value = Array.isArray(given) ? given.flatMap((part) => asText(part) ?? []).join(separator) : (asText(given) ?? '');
  if (isComputed(value)) return note('dropped', `default ${value.slice(0, 100)}: it is only known to script-server.`);
  if (field.kind === 'secret') return note('dropped', 'default: a secret does not belong into a form.');
  if (field.kind === 'file' || field.kind === 'files') return note('dropped', `default ${value.slice(0, 100)}: files have none.`);
  if (field.kind === 'boolean') field.default = value.toLowerCase() === 'true';
  else if (field.kind === 'integer') field.default = Number(value);
  else if (field.kind === 'choices') field.default = value.split(separator);
  else field.default = value;
}
