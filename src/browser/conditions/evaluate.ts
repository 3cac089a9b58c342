import type { Comparison, Expression, Literal, Operator } from './expression.js';
import { matchesText } from './text-pattern.js';

/** What a field holds for conditions. */
export interface Held {
  /** Null where that is not known: an empty or misspelt number, a file, anything of a field that does not apply. */
  value: Literal | null;
  /** Of a list, of choices and of picked names: what is among them. Of a table: the columns that are filled in all of its rows. */
  items: readonly string[];
  /** How many files are chosen, or items or rows entered. */
  count: number;
  isEmpty: boolean;
}

export type Scope = (name: string) => Held;

type Value = Literal | null;

/**
 * The value of an expression, null where it cannot be known. What is not known stays so in comparisons, sums and `not`; `and` and `or`
 * are decided by the other side where that decides them. Total: operands of other types, too, and divisions by 0 are not known.
 */
export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'name':
      return scope(expression.name).value;
    case 'not':
      return negated(evaluate(expression.operand, scope));
    case 'minus':
      return finite(-asNumber(evaluate(expression.operand, scope)));
    case 'in': {
      const value = evaluate(expression.operand, scope);
      return value === null ? null : expression.list.some((one) => one.value === value);
    }
    case 'binary':
      return combined(expression.operator, evaluate(expression.left, scope), evaluate(expression.right, scope));
    case 'call':
      return called(expression, scope);
  }
}

function called({ called: name, given }: Extract<Expression, { kind: 'call' }>, scope: Scope): Value {
  const [first, second] = given;
  if (name === 'matches') {
    const text = first ? evaluate(first, scope) : null;
    const pattern = second?.kind === 'literal' ? second.value : null;
    return typeof text === 'string' && typeof pattern === 'string' ? matchesText(pattern, text) : null;
  }
  if (first?.kind !== 'name') return null;
  const held = scope(first.name);
  if (name === 'has') return second?.kind === 'literal' ? held.items.includes(String(second.value)) : null;
  return name === 'empty' ? held.isEmpty : held.count;
}

function negated(value: Value): Value {
  return typeof value === 'boolean' ? !value : null;
}

function combined(operator: Operator, left: Value, right: Value): Value {
  switch (operator) {
    case 'and':
      return decided(left, right, false);
    case 'or':
      return decided(left, right, true);
    case '+':
      return finite(asNumber(left) + asNumber(right));
    case '-':
      return finite(asNumber(left) - asNumber(right));
    case '*':
      return finite(asNumber(left) * asNumber(right));
    case '/':
      return finite(asNumber(left) / asNumber(right));
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compared(operator, left, right);
  }
}

/** One side that is `decisive` is enough. */
function decided(left: Value, right: Value, decisive: boolean): Value {
  if (left === decisive || right === decisive) return decisive;
  return left === !decisive && right === !decisive ? !decisive : null;
}

function compared(operator: Comparison, left: Value, right: Value): Value {
  if (left === null || right === null || typeof left !== typeof right) return null;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  if (operator === '<') return left < right;
  if (operator === '<=') return left <= right;
  return operator === '>' ? left > right : left >= right;
}

function asNumber(value: Value): number {
  return typeof value === 'number' ? value : NaN;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
