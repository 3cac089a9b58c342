import { expressionFunction, transforms } from '../vega.js';
import { expressionInterpreter } from '../vega-interpreter.js';
import { PlotFault } from './plot-fault.js';

/**
 * Elements and letters that the expressions of one plot may make, and how many of them, or of rows, at once. All that a worker holds is
 * held by the program that shows the page: a plot without bounds would end the page before its time is over.
 */
const MOST_MADE = 20_000_000;
const MOST_AT_ONCE = 1_000_000;

type Evaluate = (...given: unknown[]) => unknown;
type Compile = (...given: unknown[]) => Evaluate;

/** What may still be made; without end while nothing is drawn, since answers to a pointer add up for hours. */
let left = Infinity;

/** Counts what is made while a plot is drawn. */
export async function countGrowth<Value>(draw: () => Promise<Value>): Promise<Value> {
  left = MOST_MADE;
  return draw().finally(() => (left = Infinity));
}

function grow(amount: number): void {
  left -= amount;
  if (!(left >= 0)) throw new PlotFault('large');
}

function sizeOf(value: unknown): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

/** As many numbers as `sequence(start, stop, step)` has. */
function lengthOf(start: number, stop?: number, step = 1): number {
  return stop === undefined ? start : (stop - start) / step;
}

function counting(compile: Compile): Compile {
  return (...description) => {
    const evaluate = compile(...description);
    return (...given) => {
      const value = evaluate(...given);
      grow(sizeOf(value));
      return value;
    };
  };
}

/** Evaluates expressions as Vega's interpreter does, and counts what they make. */
export const countingInterpreter = {
  ...expressionInterpreter,
  operator: counting(expressionInterpreter.operator as Compile),
  parameter: counting(expressionInterpreter.parameter as Compile),
};

/** Those of Vega's functions that make much of little ask before they do. */
function bound(name: string, size: (...given: never[]) => number): void {
  const make = expressionFunction(name) as Evaluate;
  expressionFunction(name, (...given: unknown[]) => {
    if (!(size(...(given as never[])) <= MOST_AT_ONCE)) throw new PlotFault('large');
    return make(...given);
  });
}

bound('sequence', lengthOf);
bound('pad', (_text: string, length: number) => length);

interface SequenceParameters {
  start: number;
  stop: number;
  step?: number;
}

const Sequence = transforms['sequence'] as unknown as {
  prototype: { transform: (parameters: SequenceParameters, pulse: unknown) => unknown };
};
const generate = Sequence.prototype.transform;
Sequence.prototype.transform = function (parameters, pulse) {
  const { start, stop, step } = parameters;
  if (!(lengthOf(start, stop, step || 1) <= MOST_AT_ONCE)) throw new PlotFault('large');
  return generate.call(this, parameters, pulse);
};
