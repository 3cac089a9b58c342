import type { Expression, ListedLiteral, Literal, Operator } from '../../browser/conditions/expression';
import { textPatternFault } from '../../browser/conditions/text-pattern';
import { text, type TextKey, type TextValues } from '../../locales/text';
import type { ParameterType } from './manifest';
import { nearestName } from './names';

/** What expressions have to know of a parameter. */
export interface TypedParameter {
  name: string;
  type: ParameterType;
  /** Of a choice. */
  options?: readonly { value: string }[];
  /** Of a pick: whether several names are picked. */
  many?: boolean;
  /** Of a table. */
  columns?: readonly { name: string }[];
}

/** What is wrong with an expression, and where: counted from 1. */
export interface PlacedFault {
  at: number;
  sentence: string;
}

type Type = 'number' | 'text' | 'truth' | Holder;
/** What has no value of its own. */
type Holder = 'file' | 'files' | 'list' | 'table' | 'run';

const TYPES: Record<ParameterType, Type> = {
  string: 'text',
  text: 'text',
  choice: 'text',
  output: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'truth',
  file: 'file',
  files: 'files',
  choices: 'list',
  list: 'list',
  pick: 'text',
  table: 'table',
  run: 'run',
  constant: 'text',
};
const HOLDERS: ReadonlySet<Type> = new Set<Holder>(['file', 'files', 'list', 'table', 'run']);
const LITERALS = { number: 'number', string: 'text', boolean: 'truth' } as const;
const WORDS: Record<Type, TextKey> = {
  number: 'conditions.typeNumber',
  text: 'conditions.typeText',
  truth: 'conditions.typeTruth',
  file: 'conditions.typeFile',
  files: 'conditions.typeFiles',
  list: 'conditions.typeList',
  table: 'conditions.typeTable',
  run: 'conditions.typeRun',
};

class Misfit extends Error {
  constructor(
    readonly at: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

/** What does not fit in an expression that is to be true or false; undefined when all does. */
export function typeFault(expression: Expression, parameters: readonly TypedParameter[]): PlacedFault | undefined {
  try {
    new TypeCheck(parameters).truth(expression);
    return undefined;
  } catch (error) {
    if (error instanceof Misfit) return { at: error.at, sentence: error.message };
    throw error;
  }
}

/** Walks an expression and stops at the first thing that does not fit. */
class TypeCheck {
  private readonly byName: ReadonlyMap<string, TypedParameter>;

  constructor(private readonly parameters: readonly TypedParameter[]) {
    this.byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  }

  truth(expression: Expression): void {
    const type = this.valueType(expression);
    if (type !== 'truth') refuse(expression, 'conditions.needsTruth', { type: text(WORDS[type]) });
  }

  private number(expression: Expression, operator: string): void {
    const type = this.valueType(expression);
    if (type !== 'number') refuse(expression, 'conditions.needsNumber', { operator, type: text(WORDS[type]) });
  }

  /** Of something that must have a value: files have none. */
  private valueType(expression: Expression): Type {
    const type = this.typeOf(expression);
    if (HOLDERS.has(type)) {
      refuse(expression, 'conditions.fileAsValue', { name: nameOf(expression), type: text(WORDS[type]) });
    }
    return type;
  }

  private typeOf(expression: Expression): Type {
    switch (expression.kind) {
      case 'literal':
        return literalType(expression.value);
      case 'name':
        return typeOfNamed(this.named(expression));
      case 'not':
        this.truth(expression.operand);
        return 'truth';
      case 'minus':
        this.number(expression.operand, '-');
        return 'number';
      case 'in':
        for (const one of expression.list) this.comparable(expression.operand, one, one);
        return 'truth';
      case 'binary':
        return this.binary(expression);
      case 'call':
        return this.call(expression);
    }
  }

  private binary({ operator, left, right, at }: Extract<Expression, { kind: 'binary' }>): Type {
    if (operator === 'and' || operator === 'or') {
      this.truth(left);
      this.truth(right);
      return 'truth';
    }
    if (operator !== '==' && operator !== '!=') return this.calculated(operator, left, right, at);
    this.comparable(left, right, { at });
    return 'truth';
  }

  private calculated(operator: Operator, left: Expression, right: Expression, at: number): Type {
    const isOrder = operator.startsWith('<') || operator.startsWith('>');
    // That the two do not go together says more than that one of them is no number.
    if (isOrder) this.comparable(left, right, { at });
    this.number(left, operator);
    this.number(right, operator);
    return isOrder ? 'truth' : 'number';
  }

  private comparable(left: Expression, right: Expression, place: { at: number }): void {
    const [one, other] = [this.comparedType(left), this.comparedType(right)];
    if (one !== other) {
      for (const [side, opposite] of [
        [left, right],
        [right, left],
      ] as const) {
        if (side.kind !== 'name' || opposite.kind !== 'literal') continue;
        if (this.typeOf(side) === 'text' && typeof opposite.value === 'number') {
          refuse(opposite, 'conditions.numberInQuotes', { name: side.name, value: opposite.value });
        }
      }
      refuse(place, 'conditions.notComparable', { left: text(WORDS[one]), right: text(WORDS[other]) });
    }
    if (left.kind === 'name' && right.kind === 'literal') this.option(left, right);
    if (right.kind === 'name' && left.kind === 'literal') this.option(right, left);
  }

  private comparedType(expression: Expression): Type {
    const type = this.typeOf(expression);
    if (HOLDERS.has(type)) {
      refuse(expression, 'conditions.fileCompared', { name: nameOf(expression), type: text(WORDS[type]) });
    }
    return type;
  }

  /** A choice that is compared with what it can never be is a slip of the pen. */
  private option(name: Extract<Expression, { kind: 'name' }>, literal: ListedLiteral): void {
    const { options, columns } = this.named(name);
    const values = options?.map(({ value }) => value) ?? columns?.map((column) => column.name);
    const value = String(literal.value);
    if (!values || value === '' || values.includes(value)) return;
    const meant = nearestName(value, values);
    if (meant !== undefined) refuse(literal, 'conditions.notAnOptionMeant', { name: name.name, value, meant });
    refuse(literal, 'conditions.notAnOption', { name: name.name, value, options: values.join(', ') });
  }

  private call({ called, given, at }: Extract<Expression, { kind: 'call' }>): Type {
    const [first = { at, kind: 'literal', value: '' } as const, second] = given;
    if (called === 'matches') {
      const type = this.valueType(first);
      if (type !== 'text') refuse(first, 'conditions.textNeeded', { type: text(WORDS[type]) });
      if (second?.kind !== 'literal' || typeof second.value !== 'string') return refuse(second ?? { at }, 'conditions.patternNeeded');
      checkPattern(second.at, second.value);
      return 'truth';
    }
    if (called === 'has') return this.has(first, second);
    return this.ofName(called, first);
  }

  private has(given: Expression, item: Expression | undefined): Type {
    if (given.kind !== 'name') return refuse(given, 'conditions.nameNeeded', { function: 'has' });
    const type = typeOfNamed(this.named(given));
    if (type !== 'list' && type !== 'table') refuse(given, 'conditions.notAList', { name: given.name, type: text(WORDS[type]) });
    if (item?.kind !== 'literal') return refuse(item ?? given, 'conditions.itemNeeded');
    this.option(given, item);
    return 'truth';
  }

  private ofName(called: 'empty' | 'count', given: Expression): Type {
    if (given.kind !== 'name') return refuse(given, 'conditions.nameNeeded', { function: called });
    const type = typeOfNamed(this.named(given));
    if (called === 'empty') return 'truth';
    if (!HOLDERS.has(type)) refuse(given, 'conditions.notCountable', { name: given.name, type: text(WORDS[type]) });
    return 'number';
  }

  private named(expression: Extract<Expression, { kind: 'name' }>): TypedParameter {
    const { name } = expression;
    const parameter = this.byName.get(name);
    if (parameter) return parameter;
    throw new Misfit(expression.at, noParameter(name, this.parameters));
  }
}

/** That a name is none of the parameters, and which one was probably meant. */
export function noParameter(name: string, parameters: readonly TypedParameter[]): string {
  const names = parameters.map((one) => one.name);
  const meant = nearestName(name, names);
  return meant === undefined ? text('conditions.noParameter', { name }) : text('conditions.noParameterMeant', { name, meant });
}

function typeOfNamed({ type, many }: TypedParameter): Type {
  return type === 'pick' && many === true ? 'list' : TYPES[type];
}

function literalType(value: Literal): Type {
  return LITERALS[typeof value as keyof typeof LITERALS];
}

function nameOf(expression: Expression): string {
  return expression.kind === 'name' ? expression.name : '';
}

function checkPattern(at: number, source: string): void {
  const fault = textPatternFault(source);
  if (!fault) return;
  if (fault.kind === 'tooLarge') refuse({ at }, 'conditions.patternTooLarge');
  else refuse({ at }, fault.kind === 'notRegular' ? 'conditions.notRegular' : 'conditions.notSupported', { found: fault.found });
}

function refuse({ at }: { at: number }, key: TextKey, values: TextValues = {}): never {
  throw new Misfit(at, text(key, values));
}
