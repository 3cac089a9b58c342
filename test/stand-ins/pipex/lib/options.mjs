/**
 * Reads options as argparse does for PIPEX: `-name=value`, prefixes that fit one option, and an end with status 2 for everything else.
 * An option is described by its type (`text`, `int`, `float`, or a list of choices), its default, and whether it may be empty.
 */
const TYPES = {
  text: () => true,
  int: (value) => /^\s*[+-]?\d+(_\d+)*\s*$/.test(value),
  float: (value) => /^\s*[+-]?(\d+(\.\d*)?|\.\d+|inf|nan)(e[+-]?\d+)?\s*$/i.test(value),
};

export function readOptions(script, options, words) {
  const values = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
  for (const word of words) {
    const [, given, value] = /^--?([^=]*)=(.*)$/s.exec(word) ?? [];
    if (given === undefined) refuse(script, `unrecognized arguments: ${word}`);
    const fitting = given in options ? [given] : Object.keys(options).filter((name) => name.startsWith(given));
    if (fitting.length === 0) refuse(script, `unrecognized arguments: -${word.replace(/^--?/, '-')}`);
    if (fitting.length > 1) refuse(script, `ambiguous option: --${given} could match ${fitting.map((name) => `--${name}`).join(', ')}`);
    values[fitting[0]] = read(script, fitting[0], options[fitting[0]], value);
  }
  return values;
}

function read(script, name, option, value) {
  if (value === '' && option.mayBeEmpty) return option.default;
  if (Array.isArray(option.type)) {
    if (option.type.includes(value)) return value;
    refuse(script, `argument --${name}: invalid choice: '${value}' (choose from ${option.type.map((one) => `'${one}'`).join(', ')})`);
  }
  if (!TYPES[option.type](value)) refuse(script, `argument --${name}: invalid ${option.type} value: '${value}'`);
  return option.type === 'text' ? value : Number(value.replaceAll('_', ''));
}

function refuse(script, fault) {
  process.stderr.write(`usage: ${script} [-h]\n${script}: error: ${fault}\n`);
  process.exit(2);
}

export const YES_NO = ['yes', 'no'];
export const text = (standard = '') => ({ type: 'text', default: standard });
export const int = (standard, mayBeEmpty = false) => ({ type: 'int', default: standard, mayBeEmpty });
export const float = (standard, mayBeEmpty = false) => ({ type: 'float', default: standard, mayBeEmpty });
export const yesNo = (standard = 'no') => ({ type: YES_NO, default: standard });

/** A list in one option: commas, no blanks, nothing twice. */
export function listOf(value) {
  return [...new Set(value.split(',').filter((item) => item !== ''))];
}
