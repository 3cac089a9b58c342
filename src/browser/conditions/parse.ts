import {
  ARGUMENTS,
  DEEPEST_EXPRESSION,
  depthOf,
  FaultInExpression,
  LONGEST_EXPRESSION,
  objectTo,
  type Called,
  type Expression,
  type ExpressionFault,
  type ListedLiteral,
  type Operator,
} from './expression.js';
import { tokensOf, type Token } from './tokens.js';

const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];
const SUMS = ['+', '-'];
const PRODUCTS = ['*', '/'];
/** Words that are no names. */
const KEYWORDS = ['and', 'or', 'not', 'in', 'true', 'false'];

/** Reads an expression. From loose to tight: `or`, `and`, `not`, one comparison or `in`, `+ -`, `* /`, a sign, parentheses. */
export function parseExpression(source: string): { expression: Expression } | { fault: ExpressionFault } {
  try {
    if (source.length > LONGEST_EXPRESSION) objectTo('tooLong', LONGEST_EXPRESSION + 1);
    const expression = new Parser(tokensOf(source)).whole();
    if (depthOf(expression) > DEEPEST_EXPRESSION) objectTo('tooDeep', expression.at);
    return { expression };
  } catch (error) {
    if (error instanceof FaultInExpression) return { fault: error.fault };
    throw error;
  }
}

/** Recursive descent: one method for each level of the grammar. */
class Parser {
  private place = 0;
  private depth = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  whole(): Expression {
    const expression = this.disjunction();
    if (this.next.kind !== 'end') this.unexpected();
    return expression;
  }

  private get next(): Token {
    return this.tokens[this.place];
  }

  private disjunction(): Expression {
    return this.leftToRight(['or'], () => this.conjunction());
  }

  private conjunction(): Expression {
    return this.leftToRight(['and'], () => this.negation());
  }

  private negation(): Expression {
    const { at } = this.next;
    if (!this.takes('not')) return this.comparison();
    return this.deeper(() => ({ kind: 'not', at, operand: this.negation() }));
  }

  private comparison(): Expression {
    const left = this.sum();
    const { at, text } = this.next;
    const compared = this.isAnyOf(COMPARISONS) ? this.compared(left) : this.listed(left);
    if (compared && (this.isAnyOf(COMPARISONS) || this.isAnyOf(['in']))) objectTo('chained', this.next.at, this.next.text);
    if (!compared && text === 'not') objectTo('unexpected', at, text);
    return compared ?? left;
  }

  private compared(left: Expression): Expression {
    const { at, text } = this.advance();
    return { kind: 'binary', at, operator: text as Operator, left, right: this.sum() };
  }

  /** `x in [1, 2]` and `x not in [1, 2]`. */
  private listed(operand: Expression): Expression | undefined {
    const { at } = this.next;
    const isNegated = this.isAnyOf(['not']) && this.tokens[this.place + 1]?.text === 'in';
    if (isNegated) this.advance();
    if (!this.takes('in')) return undefined;
    const found: Expression = { kind: 'in', at, operand, list: this.list() };
    return isNegated ? { kind: 'not', at, operand: found } : found;
  }

  private list(): ListedLiteral[] {
    const open = this.next;
    if (!this.takes('[')) objectTo(open.kind === 'end' ? 'endsEarly' : 'notListed', open.at, open.text);
    const list: ListedLiteral[] = [];
    do {
      const { at, text } = this.next;
      const value = this.sum();
      if (value.kind !== 'literal') objectTo('notListed', at, text);
      else list.push(value);
    } while (this.takes(','));
    this.close(']', open);
    return list;
  }

  private sum(): Expression {
    return this.leftToRight(SUMS, () => this.leftToRight(PRODUCTS, () => this.signed()));
  }

  private signed(): Expression {
    const { at } = this.next;
    if (!this.takes('-')) return this.primary();
    const operand = this.deeper(() => this.signed());
    if (operand.kind === 'literal' && typeof operand.value === 'number') return { kind: 'literal', at, value: -operand.value };
    return { kind: 'minus', at, operand };
  }

  private primary(): Expression {
    const token = this.next;
    const { at } = token;
    if (token.kind === 'number' || token.kind === 'text') {
      this.advance();
      return { kind: 'literal', at, value: token.value };
    }
    if (token.kind === 'word') return this.word();
    if (!this.takes('(')) this.unexpected();
    const inside = this.deeper(() => this.disjunction());
    this.close(')', token);
    return inside;
  }

  private word(): Expression {
    const { at, text } = this.next;
    if (text === 'true' || text === 'false') {
      this.advance();
      return { kind: 'literal', at, value: text === 'true' };
    }
    if (KEYWORDS.includes(text)) this.unexpected();
    this.advance();
    return this.isAnyOf(['(']) ? this.call(at, text) : { kind: 'name', at, name: text };
  }

  private call(at: number, name: string): Expression {
    if (!Object.hasOwn(ARGUMENTS, name)) objectTo('unknownFunction', at, name);
    const called = name as Called;
    const open = this.advance();
    const given = this.isAnyOf([')']) ? [] : this.arguments();
    this.close(')', open);
    if (given.length !== ARGUMENTS[called]) objectTo('argumentCount', at, name, String(ARGUMENTS[called]));
    return { kind: 'call', at, called, given };
  }

  private arguments(): Expression[] {
    const given: Expression[] = [];
    do {
      given.push(this.deeper(() => this.disjunction()));
    } while (this.takes(','));
    return given;
  }

  private leftToRight(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (this.isAnyOf(operators)) {
      const { at, text } = this.advance();
      left = { kind: 'binary', at, operator: text as Operator, left, right: operand() };
    }
    return left;
  }

  private deeper<Result>(inner: () => Result): Result {
    if (this.depth >= DEEPEST_EXPRESSION) objectTo('tooDeep', this.next.at);
    this.depth += 1;
    const result = inner();
    this.depth -= 1;
    return result;
  }

  private isAnyOf(texts: readonly string[]): boolean {
    const { kind, text } = this.next;
    return (kind === 'word' || kind === 'sign') && texts.includes(text);
  }

  private takes(text: string): boolean {
    const isThere = this.isAnyOf([text]);
    if (isThere) this.place += 1;
    return isThere;
  }

  private advance(): Token {
    const token = this.next;
    this.place += 1;
    return token;
  }

  private close(sign: string, open: Token): void {
    if (this.takes(sign)) return;
    if (this.next.kind === 'end') objectTo('notClosed', open.at, open.text, sign);
    this.unexpected();
  }

  private unexpected(): never {
    const { kind, at, text } = this.next;
    objectTo(kind === 'end' ? 'endsEarly' : 'unexpected', at, text);
  }
}
