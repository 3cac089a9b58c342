import { isObject, own, ownList, ownObject, ownText, type Foreign } from '../foreign';
import type { ImportReport } from '../import-report';

/** One parameter of a schema, with the group that it stands in. */
export interface SchemaProperty {
  /** With dots where objects lie in each other: `tool.threads`. */
  name: string;
  schema: Foreign;
  section?: string;
  required: boolean;
}

/** A whole schema laid flat: its parameters in the order of its groups, and which of them need which others. */
export interface FlatSchema {
  properties: SchemaProperty[];
  /** `[a, b]`: with a value of a, b must have one. */
  dependencies: [string, string][];
  /** What is said of groups, by their title. */
  help: Map<string, string>;
}

const MOST_DEPTH = 20;
const MOST_PROPERTIES = 2000;

/** What a group may say beside what is read. */
const READ_OF_GROUPS = new Set([
  '$schema',
  '$id',
  '$ref',
  '$comment',
  'title',
  'description',
  'type',
  'properties',
  'required',
  'allOf',
  'dependentRequired',
  '$defs',
  'definitions',
  'fa_icon',
  'help_text',
  'additionalProperties',
  'id',
]);

/** Walks `allOf` and the definitions that it names, older drafts included; a definition that leads back to itself is walked once. */
export class SchemaGroups {
  private readonly flat: FlatSchema = { properties: [], dependencies: [], help: new Map() };
  private readonly walked = new Set<Foreign>();
  /** What groups require of parameters that may stand in others. */
  private readonly demanded = new Set<string>();

  constructor(
    private readonly root: Foreign,
    private readonly report: ImportReport,
  ) {}

  lay(): FlatSchema {
    this.group(this.root, undefined, 0);
    for (const name of this.demanded) {
      const found = this.flat.properties.filter((property) => property.name === name);
      for (const property of found) property.required = true;
      const isOfObject = this.flat.properties.some((property) => property.name.startsWith(`${name}.`));
      if (found.length === 0 && !isOfObject)
        this.report.note('dropped', name.slice(0, 80), 'It is required, and there is no such parameter.');
    }
    for (const block of ['$defs', 'definitions']) {
      for (const [name, group] of Object.entries(ownObject(this.root, block))) {
        if (!isObject(group) || this.walked.has(group) || Object.keys(ownObject(group, 'properties')).length === 0) continue;
        this.report.note('dropped', name, 'A group that nothing refers to.');
      }
    }
    return this.flat;
  }

  /** A schema with what its `$ref` leads to; what it says itself wins. */
  resolve(schema: Foreign, way: readonly Foreign[] = []): Foreign {
    const reference = own(schema, '$ref');
    if (reference === undefined) return schema;
    const shown = JSON.stringify(reference).slice(0, 80);
    const target = typeof reference === 'string' ? this.find(reference) : undefined;
    const { $ref: _left, ...rest } = schema;
    if (target === undefined) {
      this.report.note('dropped', shown, 'It leads nowhere in this file.');
      return rest;
    }
    if (way.includes(target) || way.length > MOST_DEPTH) {
      this.report.note('dropped', shown, 'It leads back to itself.');
      return rest;
    }
    return { ...this.resolve(target, [...way, target]), ...rest };
  }

  private group(schema: Foreign, above: string | undefined, depth: number): void {
    if (this.walked.has(schema) || depth > MOST_DEPTH) return;
    this.walked.add(schema);
    const section = depth === 0 ? undefined : (ownText(schema, 'title') ?? above);
    for (const part of ownList(schema, 'allOf')) {
      if (!isObject(part)) continue;
      const reference = own(part, '$ref');
      const target = typeof reference === 'string' ? this.find(reference) : undefined;
      if (typeof reference === 'string' && target === undefined)
        this.report.note('dropped', reference.slice(0, 80), 'It leads nowhere in this file.');
      if (target !== undefined && this.walked.has(target))
        this.report.note('dropped', String(reference).slice(0, 80), 'It is named a second time, or leads back to itself.');
      if (target !== undefined) this.group(target, section, depth + 1);
      const { $ref: _left, ...rest } = part;
      if (Object.keys(rest).length > 0) this.group(rest, section, depth + 1);
    }
    this.properties(schema, section, '', 0);
    this.dependencies(schema);
    if (depth > 0) this.words(schema, section);
    if (own(schema, 'additionalProperties') === false)
      this.report.note(
        'dropped',
        section ?? '',
        'additionalProperties: parameters that the schema does not name cannot be entered anyway.',
      );
    for (const name of Object.keys(schema)) {
      if (!READ_OF_GROUPS.has(name))
        this.report.note('dropped', section ?? '', `${name}: what this demands of several parameters together is not checked.`);
    }
  }

  private words(schema: Foreign, section: string | undefined): void {
    if (ownText(schema, 'fa_icon') !== undefined)
      this.report.note('dropped', section ?? '', 'fa_icon of the group: sections have no icons.');
    const said = [ownText(schema, 'description'), ownText(schema, 'help_text')].filter((text) => text !== undefined);
    if (said.length === 0) return;
    const { help } = this.flat;
    if (section === undefined) this.report.note('dropped', '', `What is said of a group without a title: ${said.join(' ').slice(0, 200)}`);
    else help.set(section, [help.get(section), ...said].filter(Boolean).join(' '));
  }

  private properties(schema: Foreign, section: string | undefined, before: string, depth: number): void {
    const required = new Set(ownList(schema, 'required').filter((name) => typeof name === 'string'));
    if (before === '') for (const name of required) this.demanded.add(name);
    for (const [name, given] of Object.entries(ownObject(schema, 'properties'))) {
      if (this.flat.properties.length >= MOST_PROPERTIES) return;
      const property = isObject(given) ? this.resolve(given) : {};
      if (!isObject(given)) this.report.note('dropped', before + name, `Its schema is ${JSON.stringify(given).slice(0, 40)}.`);
      const inner = ownObject(property, 'properties');
      if (Object.keys(inner).length > 0 && depth < MOST_DEPTH)
        this.properties(property, section ?? ownText(property, 'title'), `${before}${name}.`, depth + 1);
      else
        this.flat.properties.push({
          name: before + name,
          schema: property,
          required: required.has(name),
          ...(section === undefined ? {} : { section }),
        });
    }
  }

  private dependencies(schema: Foreign): void {
    for (const block of ['dependentRequired', 'dependencies']) {
      for (const [name, others] of Object.entries(ownObject(schema, block))) {
        if (!Array.isArray(others))
          this.report.note('dropped', name, `${block}: what this demands of several parameters together is not checked.`);
        else for (const other of others) if (typeof other === 'string') this.flat.dependencies.push([name, other]);
      }
    }
  }

  /** What a pointer such as `#/$defs/input_options` leads to. */
  private find(reference: string): Foreign | undefined {
    if (!reference.startsWith('#/')) return undefined;
    let at: unknown = this.root;
    for (const step of reference.slice(2).split('/')) at = own(at, decoded(step));
    return isObject(at) ? at : undefined;
  }
}

function decoded(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
