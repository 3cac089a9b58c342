/**
 * The language of conditions in manifests, as `split and distance > 3 or mode in ['fast', 'exact']`. Server and browser read and
 * evaluate it with the same modules: nothing of it is ever run as JavaScript, and every expression ends, whatever it is given.
 */

export type Literal = number | string | boolean;

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/';
export type Operator = 'and' | 'or' | Comparison | Arithmetic;

/** `empty(x)`, `count(x)`, `has(x, 'item')`, `matches(x, 'pattern')`. */
export type Called = 'empty' | 'count' | 'has' | 'matches';

/** What was read. `at` is the place of its sign or first letter in the text, counted from 1. */
export type Expression = { at: number } & (
  | { kind: 'literal'; value: Literal }
  | { kind: 'name'; name: string }
  | { kind: 'not' | 'minus'; operand: Expression }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression }
  | { kind: 'in'; operand: Expression; list: ListedLiteral[] }
  | { kind: 'call'; called: Called; given: Expression[] }
);

export type ListedLiteral = Extract<Expression, { kind: 'literal' }>;

/** Why a text is no expression; the server has a sentence for each. */
export type FaultKind =
  | 'tooLong'
  | 'tooDeep'
  | 'badSign'
  | 'writeInstead'
  | 'badNumber'
  | 'openText'
  | 'doubleQuotes'
  | 'unexpected'
  | 'endsEarly'
  | 'notClosed'
  | 'chained'
  | 'notListed'
  | 'unknownFunction'
  | 'argumentCount';

export interface ExpressionFault {
  kind: FaultKind;
  /** Counted from 1, in characters of the text. */
  at: number;
  /** What stands there; '' at the end. */
  found: string;
  /** What should stand there, where that is one thing. */
  wanted: string;
}

/** In characters. */
export const LONGEST_EXPRESSION = 1000;
/** Of operators, parentheses and `not` within or after one another, so that walks of an expression need little of the stack. */
export const DEEPEST_EXPRESSION = 50;

export const ARGUMENTS: Record<Called, number> = { empty: 1, count: 1, has: 2, matches: 2 };

export class FaultInExpression extends Error {
  constructor(readonly fault: ExpressionFault) {
    super(fault.kind);
  }
}

export function objectTo(kind: FaultKind, at: number, found = '', wanted = ''): never {
  throw new FaultInExpression({ kind, at, found, wanted });
}

/** How many levels an expression has, with its leaves. */
export function depthOf(expression: Expression): number {
  switch (expression.kind) {
    case 'literal':
    case 'name':
      return 1;
    case 'not':
    case 'minus':
    case 'in':
      return 1 + depthOf(expression.operand);
    case 'binary':
      return 1 + Math.max(depthOf(expression.left), depthOf(expression.right));
    case 'call':
      return 1 + Math.max(...expression.given.map(depthOf));
  }
}

/** The names that an expression mentions, each once. */
export function namesIn(expression: Expression): string[] {
  const names = new Set<string>();
  collect(expression, names);
  return [...names];
}

function collect(expression: Expression, names: Set<string>): void {
  switch (expression.kind) {
    case 'literal':
      return;
    case 'name':
      names.add(expression.name);
      return;
    case 'not':
    case 'minus':
    case 'in':
      return collect(expression.operand, names);
    case 'binary':
      collect(expression.left, names);
      return collect(expression.right, names);
    case 'call':
      for (const one of expression.given) collect(one, names);
  }
}
