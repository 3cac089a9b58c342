import { parseArgs } from 'node:util';
import { InputError } from './input-error.mjs';

const OPTIONS = {
  image: { type: 'string' },
  out: { type: 'string' },
  sigma: { type: 'string', default: '1.5' },
  factor: { type: 'string', default: '0.9' },
  'min-area': { type: 'string', default: '40' },
  'max-area': { type: 'string', default: '0' },
  split: { type: 'boolean', default: true },
  distance: { type: 'string', default: '6' },
  background: { type: 'string', default: '100' },
  channel: { type: 'string', default: 'brightness' },
  'drop-edge': { type: 'boolean', default: false },
  'pixel-size': { type: 'string' },
};

/** Reads the command line. @throws {InputError} */
export function readOptions(words) {
  const values = parse(words);
  if (!values.image || !values.out) throw new InputError('give --image=FILE and --out=FOLDER.');
  return {
    image: values.image,
    out: values.out,
    sigma: number(values, 'sigma', 0),
    factor: number(values, 'factor', 0),
    minArea: number(values, 'min-area', 0),
    maxArea: number(values, 'max-area', 0),
    split: values.split,
    distance: number(values, 'distance', 1),
    background: number(values, 'background', 0),
    channel: values.channel,
    dropEdge: values['drop-edge'],
    pixelSize: values['pixel-size'] === undefined ? null : number(values, 'pixel-size', Number.MIN_VALUE),
  };
}

function parse(words) {
  try {
    return parseArgs({ args: words, options: OPTIONS, allowNegative: true }).values;
  } catch (error) {
    throw new InputError(error.message);
  }
}

function number(values, name, least) {
  const value = Number(values[name]);
  if (values[name].trim() === '' || !Number.isFinite(value) || value < least)
    throw new InputError(`--${name}: "${values[name]}" is not a number that it takes.`);
  return value;
}
