/**
 * The form of a pipeline with conditions: fields that do not apply are hidden, and rules between fields speak up while the form is
 * filled in. The same modules decide as on the server. What is hidden keeps its value and is sent along; the server drops it, and so it
 * is still there after a refusal. A field never decides about itself, so none is hidden while it has the focus.
 */
import type { ConditionField } from './conditions/entries.js';
import { FormConditions, type ConditionRule, type FormState } from './conditions/form-conditions.js';
import { fieldsOf, type NameChecks } from './conditions/name-rules.js';
import { entriesIn } from './form/entries.js';
import { markField } from './form/live-faults.js';
import { say as word } from './form/words.js';

interface Given {
  fields: (ConditionField & { label: string })[];
  rules: (ConditionRule & { names: string[] })[];
  names: NameChecks | null;
  isTold: boolean;
  words: { shown: string; hidden: string; advanced: { one: string; many: string } };
}

type Spoken = Pick<ConditionRule, 'at' | 'level' | 'message'>;

/** Rules wait until somebody pauses: half a number breaks many. */
const PAUSE_MS = 400;

/** Keeps one form as its conditions want it. */
class LiveConditions {
  private readonly conditions: FormConditions;
  private timer: number | undefined;
  /** Fields that appeared or went since that was last said. */
  private changed = new Map<string, boolean>();
  /** Names of fields that somebody has filled in. */
  private readonly touched = new Set<string>();

  constructor(
    private readonly form: HTMLFormElement,
    private readonly given: Given,
  ) {
    this.conditions = new FormConditions(given.fields, given.rules, given.names);
  }

  start(): void {
    this.form.addEventListener('input', (event) => {
      this.touch(event);
      this.soon();
    });
    this.form.addEventListener('change', (event) => {
      this.touch(event);
      this.settle();
    });
    // Whoever comes back to the page finds it filled in by the browser.
    window.addEventListener('pageshow', () => this.apply(false));
    this.apply(false);
  }

  private touch({ target }: Event): void {
    const { name = '' } = target as Partial<HTMLInputElement>;
    const table = (target as HTMLElement).closest<HTMLElement>('[data-table]')?.dataset['table'];
    this.touched.add(table ?? name.replace(/^p\./, ''));
    this.apply(true);
  }

  private state(): FormState {
    return this.conditions.stateOf(entriesIn(this.form, this.given.fields));
  }

  private apply(isTold: boolean): void {
    const { applies, required } = this.state();
    for (const { name, when, requiredWhen } of this.given.fields) {
      const field = fieldOf(name);
      if (!field) continue;
      if (when !== undefined && field.hidden === applies.has(name)) {
        field.hidden = !applies.has(name);
        if (isTold && !this.changed.delete(name)) this.changed.set(name, applies.has(name));
      }
      if (requiredWhen !== undefined) markRequired(field, required.has(name));
    }
    this.fold();
  }

  /** Folds of advanced fields and sections count those that apply, and go when there are none. */
  private fold(): void {
    const { advanced } = this.given.words;
    for (const words of this.form.querySelectorAll('details.fold > summary > [data-count]')) {
      const fold = words.closest('details')!;
      const count = [...fold.querySelectorAll<HTMLElement>('.field')].filter((field) => !field.hidden).length;
      fold.hidden = count === 0;
      words.textContent = count === 1 ? advanced.one : advanced.many.replace('{count}', String(count));
    }
    for (const part of this.form.querySelectorAll<HTMLElement>('[data-part]')) {
      const count = [...part.querySelectorAll<HTMLElement>('.field')].filter((field) => !field.hidden).length;
      part.hidden = count === 0;
      part.querySelector('[data-part-count]')!.textContent = count === 1 ? word('settingsOne') : word('settingsMany', { count });
    }
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.settle(), PAUSE_MS);
  }

  private settle(): void {
    clearTimeout(this.timer);
    const { broken, wrongNames } = this.state();
    const { rules, names } = this.given;
    const spoken = [
      ...rules.filter((rule) => broken.includes(rule) && this.isDue(rule.names)),
      ...wrongNames.filter(({ at }) => this.isDue(this.seenBy(at))).map((fault) => ({ ...fault, level: 'error' as const })),
    ];
    for (const at of new Set([...rules.map((rule) => rule.at), ...(names?.rules ?? []).flatMap((rule) => rule.names)])) {
      say(
        at,
        spoken.filter((one) => one.at === at),
      );
    }
    this.announce();
  }

  /** Nobody is told of what they have not come to yet. */
  private isDue(names: readonly string[]): boolean {
    return this.given.isTold || names.some((name) => this.touched.has(name));
  }

  /** The fields at which rules for the names in one look. */
  private seenBy(at: string): string[] {
    return (this.given.names?.rules ?? []).filter((rule) => rule.names.includes(at)).flatMap((rule) => [at, ...fieldsOf(rule).slice(-1)]);
  }

  private announce(): void {
    const { fields, words } = this.given;
    const named = (isShown: boolean) => fields.filter(({ name }) => this.changed.get(name) === isShown).map(({ label }) => label);
    const sentences = [
      [named(true), words.shown],
      [named(false), words.hidden],
    ].flatMap(([labels, sentence]) =>
      labels?.length ? [String(sentence).replace('{fields}', () => (labels as string[]).join(', '))] : [],
    );
    this.changed.clear();
    const status = document.getElementById('live-status');
    if (status && sentences.length > 0) status.textContent = sentences.join(' ');
  }
}

function fieldOf(name: string): HTMLElement | null {
  return document.getElementById(`p-${name}`)?.closest<HTMLElement>('.field') ?? null;
}

function markRequired(field: HTMLElement, isRequired: boolean): void {
  // Of boxes and tables no single one is required.
  if (!field.matches('fieldset')) field.querySelector<HTMLInputElement>('input, select, textarea')?.toggleAttribute('required', isRequired);
  field.querySelector('[data-optional]')?.toggleAttribute('hidden', isRequired);
}

/** Shows the sentences of broken rules at a field, as the server would, and leaves what stands there already. */
function say(name: string, broken: readonly Spoken[]): void {
  const place = document.getElementById(`p-${name}-rule`);
  if (!place) return;
  const sentences = (['error', 'warning'] as const)
    .map((level) => [level, sentenceOf(broken, level)] as const)
    .filter(([, sentence]) => sentence !== '');
  if (place.textContent?.trim() !== sentences.map(([, sentence]) => sentence).join('')) {
    place.replaceChildren(...sentences.flatMap(([level, sentence]) => sentenceElement(level, sentence)));
  }
  markField(name);
}

function sentenceOf(broken: readonly Spoken[], level: ConditionRule['level']): string {
  return broken
    .filter((rule) => rule.level === level)
    .map(({ message }) => message)
    .join(' ');
}

function sentenceElement(level: string, sentence: string): Element[] {
  const element = document.querySelector<HTMLTemplateElement>(`#run-rule-${level}`)?.content.firstElementChild?.cloneNode(true) as
    Element | undefined;
  if (!element) return [];
  element.lastElementChild?.replaceChildren(sentence);
  return [element];
}

function start(): void {
  const form = document.querySelector<HTMLFormElement>('#run-form');
  const source = document.getElementById('run-conditions')?.textContent;
  if (form && source) new LiveConditions(form, JSON.parse(source) as Given).start();
}

// Last, when the class is there.
start();
