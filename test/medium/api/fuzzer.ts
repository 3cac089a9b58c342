import type { JsonSchema } from '../../../src/web/api/description/json-schemas';
import type { Operation } from '../../../src/web/api/description/open-api';
import { Random } from '../../faults/random';
import type { ApiAnswer, ApiClient } from '../../api-client';
import type { OpenApiCheck } from '../../open-api-check';

/** What the world has that requests may name, by the names of paths, queries and fields. */
export type Pool = Record<string, readonly unknown[]>;

/** Texts that have broken something somewhere. */
const ODD_TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  'null',
  'a'.repeat(300),
  "' OR 1=1 --",
  '../../etc/passwd',
  '%00',
  '\u0000',
  '\ud800',
  '𝒳'.repeat(40),
  '<b>x</b>',
  '{{7*7}}',
  '__proto__',
  'constructor',
  '1e400',
  '日本語',
  'a\r\nb: c',
];
const ODD_NUMBERS = [0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, Number.MIN_VALUE];
const ODD_VALUES = [null, true, [], {}, [[[]]], { __proto__: 1 }, ...ODD_NUMBERS];
const ODD_HEADERS: Record<string, string>[] = [
  { accept: 'text/html' },
  { accept: '' },
  { 'accept-language': 'zh' },
  { 'accept-language': '*;q=0,,' },
  { range: 'bytes=0-0' },
  { range: 'bytes=9999999999999999999-' },
  { range: 'bytes=-' },
  { 'if-none-match': '*' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-encoding': 'gzip' },
  { 'idempotency-key': 'again' },
  { 'idempotency-key': 'x'.repeat(300) },
  { 'x-http-method-override': 'DELETE' },
];
const ODD_BODIES = ['', '{', '[]', 'null', '"text"', '{"a":1,"a":2}', '{"__proto__":{"isAdmin":true}}', '['.repeat(5000), '\ufeff{}'];

/** Who asks. */
export interface Askers {
  /** The first asks most of what is for everybody. */
  programs: readonly ApiClient[];
  /** Asks most of what is for administrators. */
  administrator: ApiClient;
}

export interface Fault {
  request: string;
  status: number;
  faults: string[];
}

/** Makes requests of the OpenAPI document, right ones and wrong ones, and holds what comes back to it. */
export class Fuzzer {
  readonly statuses = new Map<number, number>();
  readonly asked = new Map<string, number>();
  /** Operations that did at least once what they are for. */
  readonly passed = new Set<string>();
  private readonly random: Random;

  constructor(
    private readonly check: OpenApiCheck,
    private readonly askers: Askers,
    private readonly pool: Pool,
    seed: number,
    /** Operations that end what all others need, by their names: they are left out. */
    private readonly never: ReadonlySet<string> = new Set(),
  ) {
    this.random = new Random(seed);
  }

  /** @returns what was not as described, and every answer of 5xx. */
  async run(count: number): Promise<Fault[]> {
    const operations = this.check.operations();
    const found: Fault[] = [];
    for (let index = 0; index < count; index += 1) {
      // Each in turn, so that none is left out.
      const { path, method, operation } = operations[index % operations.length];
      if (this.never.has(operation.operationId)) continue;
      found.push(...(await this.one(path, method, operation)));
    }
    return found;
  }

  private async one(path: string, method: string, operation: Operation): Promise<Fault[]> {
    const address = `${this.pathOf(path, operation)}${this.queryOf(operation)}`.replace(/^\/api\/v1/, '');
    const headers = this.chance(0.15) ? this.pick(ODD_HEADERS) : {};
    const body = this.bodyOf(operation);
    const program = this.askerOf(operation);
    const request = `${method.toUpperCase()} ${address} ${JSON.stringify(headers)} ${JSON.stringify(body)?.slice(0, 500)}`;
    let answer: ApiAnswer;
    try {
      answer = await program.ask(method.toUpperCase(), address, { ...body, headers });
    } catch (error) {
      return [{ request, status: 0, faults: [String(error)] }];
    }
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    this.asked.set(operation.operationId, (this.asked.get(operation.operationId) ?? 0) + 1);
    if (answer.status < 300) this.passed.add(operation.operationId);
    // What the parser of HTTP itself refuses never reaches the product.
    if (answer.status === 400 && answer.headers['x-request-id'] === undefined) return [];
    // To HEAD there is nothing but headers.
    const faults = [
      ...(method === 'head' ? [] : this.check.faultsOf(operation, answer)),
      ...(answer.status >= 500 ? ['a fault of the server'] : []),
    ];
    return faults.length === 0 ? [] : [{ request, status: answer.status, faults: [...faults, answer.text.slice(0, 500)] }];
  }

  private askerOf({ security }: Operation): ApiClient {
    const { programs, administrator } = this.askers;
    const isForAdministrators = security.some((one) => Object.values(one).flat().includes('admin'));
    if (this.chance(0.1)) return this.pick(programs);
    return isForAdministrators ? administrator : programs[0];
  }

  private pathOf(path: string, { parameters }: Operation): string {
    return path.replace(/\{(\w+)\}/g, (_whole, name: string) => {
      const schema = parameters.find((one) => one.in === 'path' && one.name === name)?.schema ?? {};
      const value = this.chance(0.8) && this.pool[name] ? this.pick(this.pool[name]) : this.valueOf(schema, name);
      return encodeURIComponent(wellFormed(value)) || '%20';
    });
  }

  private queryOf({ parameters }: Operation): string {
    const pairs = parameters
      .filter((one) => one.in === 'query' && (one.required || this.chance(0.4)))
      .map(({ name, schema }) => `${name}=${encodeURIComponent(wellFormed(this.valueOf(schema, name)))}`);
    if (this.chance(0.05)) pairs.push(this.pick(['x=1', 'limit[]=1', 'after[a]=b', '%', '&&=']));
    return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  }

  private bodyOf({ requestBody }: Operation): { body?: unknown; raw?: string; headers?: Record<string, string> } {
    const json = requestBody?.content['application/json'];
    if (!json || this.chance(0.05)) return {};
    if (this.chance(0.08)) return { raw: this.pick(ODD_BODIES), body: {} };
    if (json.example !== undefined && this.chance(0.2)) return { body: json.example };
    return { body: this.valueOf(json.schema, '') };
  }

  /** Most often one that fits, sometimes one that nearly does, sometimes anything. */
  private valueOf(schema: JsonSchema, name: string): unknown {
    if (this.chance(0.08)) return this.chance(0.5) ? this.pick(ODD_TEXTS) : this.pick(ODD_VALUES);
    if (this.pool[name] && this.chance(0.8)) return this.pick(this.pool[name]);
    const { enum: values, const: only, anyOf, oneOf, type, properties, items, default: preset } = schema;
    if (only !== undefined) return only;
    if (values) return this.pick(values);
    const choices = anyOf ?? oneOf;
    if (choices) return this.valueOf(this.pick(choices), name);
    if (preset !== undefined && this.chance(0.3)) return preset;
    if (properties) return this.objectOf(schema);
    if (items) return Array.from({ length: Math.floor(this.random.next() * 4) }, () => this.valueOf(items, name));
    switch (String([type].flat()[0])) {
      case 'integer':
        return this.numberOf(schema);
      case 'number':
        return this.chance(0.5) ? this.random.next() * 10 : this.pick(ODD_NUMBERS);
      case 'boolean':
        return this.chance(0.5);
      case 'null':
        return null;
      case 'object':
        return this.chance(0.5) ? {} : { [this.pick(ODD_TEXTS)]: this.pick(ODD_VALUES) };
      default:
        return this.chance(0.5) ? this.pick(ODD_TEXTS) : 'a word';
    }
  }

  private objectOf({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
    const names = Object.keys(properties).filter((name) => required.includes(name) || this.chance(0.5));
    const pairs = names.map((name): [string, unknown] => [name, this.valueOf(properties[name], name)]);
    if (this.chance(0.05)) pairs.push([this.pick(ODD_TEXTS), this.pick(ODD_VALUES)]);
    return Object.fromEntries(this.chance(0.05) ? pairs.slice(1) : pairs);
  }

  private numberOf({ minimum, maximum }: JsonSchema): number {
    const least = typeof minimum === 'number' ? minimum : 0;
    const most = Math.min(typeof maximum === 'number' ? maximum : 1000, least + 1000);
    return this.chance(0.8) ? Math.floor(least + this.random.next() * (most - least)) : this.pick(ODD_NUMBERS);
  }

  private chance(share: number): boolean {
    return this.random.next() < share;
  }

  private pick<Value>(values: readonly Value[]): Value {
    return this.random.pick(values);
  }
}

/** Addresses are of bytes: half a character cannot stand in one. */
function wellFormed(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed();
}
