import { heldBy, NOTHING, type ConditionField, type Entry } from './entries.js';
import { evaluate, type Held } from './evaluate.js';
import type { Expression } from './expression.js';
import { nameFaults, type NameChecks } from './name-rules.js';
import { parseExpression } from './parse.js';

/** A rule that holds between fields. */
export interface ConditionRule {
  /** An expression that must hold. */
  check: string;
  /** What is said where it does not. */
  message: string;
  /** Name of the field where that is said. */
  at: string;
  /** An error stops the run, a warning does not. */
  level: 'error' | 'warning';
}

export interface FormState {
  /** Names of the fields that apply. */
  applies: ReadonlySet<string>;
  /** Names of those that must not stay empty; only of such that apply. */
  required: ReadonlySet<string>;
  /** Those of the given rules that are broken for certain, in their order. */
  broken: ConditionRule[];
  /** What rules for names say, by the field where they say it. */
  wrongNames: { at: string; message: string }[];
}

interface Known extends ConditionField {
  whenExpression: Expression | undefined;
  requiredExpression: Expression | undefined;
}

/**
 * Says of the entries of a form which fields apply, which are required, and which rules are broken: the one place where server and
 * browser decide it. Pure: the same entries give the same answer.
 */
export class FormConditions {
  private readonly fields: ReadonlyMap<string, Known>;
  private readonly rules: readonly { rule: ConditionRule; check: Expression | undefined }[];

  constructor(
    fields: readonly ConditionField[],
    rules: readonly ConditionRule[] = [],
    private readonly names: NameChecks | null = null,
  ) {
    this.fields = new Map(
      fields.map((field) => [
        field.name,
        { ...field, whenExpression: expressionOf(field.when), requiredExpression: expressionOf(field.requiredWhen) },
      ]),
    );
    this.rules = rules.map((rule) => ({ rule, check: expressionOf(rule.check) }));
  }

  /** @param entries by name; what is missing counts as empty. */
  stateOf(entries: Readonly<Record<string, Entry>>): FormState {
    const held = new HeldValues(this.fields, entries);
    const scope = (name: string) => held.of(name);
    const names = [...this.fields.keys()].filter((name) => held.applies(name));
    const applies = new Set(names);
    return {
      applies,
      required: new Set(names.filter((name) => isRequired(this.fields.get(name), scope))),
      broken: this.rules
        .filter(({ rule, check }) => applies.has(rule.at) && check !== undefined && evaluate(check, scope) === false)
        .map(({ rule }) => rule),
      wrongNames: this.names ? nameFaults(this.names, (name) => (applies.has(name) ? held.textsOf(name) : [])) : [],
    };
  }
}

/** What the fields hold as far as they apply, each found out once. */
class HeldValues {
  private readonly known = new Map<string, Held | null>();

  constructor(
    private readonly fields: ReadonlyMap<string, Known>,
    private readonly entries: Readonly<Record<string, Entry>>,
  ) {}

  of(name: string): Held {
    return this.find(name) ?? NOTHING;
  }

  applies(name: string): boolean {
    return this.find(name) !== null;
  }

  /** The texts in a field, or the references of files. */
  textsOf(name: string): readonly string[] {
    const { value, items } = this.of(name);
    if (typeof value === 'string') return value === '' ? [] : [value];
    if (items.length > 0) return items;
    const entry = Object.hasOwn(this.entries, name) ? (this.entries[name] ?? '') : '';
    const isFile = ['file', 'files'].includes(this.fields.get(name)?.type ?? '');
    return isFile ? [entry].flat().filter((text): text is string => typeof text === 'string' && text !== '') : [];
  }

  /** Null for a field that does not apply. Manifests whose fields wait for one another are refused; here such a field does not apply. */
  private find(name: string): Held | null {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    this.known.set(name, null);
    const field = this.fields.get(name);
    if (!field || (field.whenExpression && evaluate(field.whenExpression, (other) => this.of(other)) !== true)) return null;
    const held = heldBy(field, Object.hasOwn(this.entries, name) ? (this.entries[name] ?? '') : '');
    this.known.set(name, held);
    return held;
  }
}

function isRequired(field: Known | undefined, scope: (name: string) => Held): boolean {
  if (!field) return false;
  return field.required || (field.requiredExpression !== undefined && evaluate(field.requiredExpression, scope) === true);
}

/** Manifests are checked when they are read: an expression that cannot be read stands in none. */
function expressionOf(source: string | undefined): Expression | undefined {
  const parsed = source === undefined ? undefined : parseExpression(source);
  return parsed && 'expression' in parsed ? parsed.expression : undefined;
}
