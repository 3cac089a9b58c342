/**
 * Reads assignments of a Django `settings.py` without Python: texts, numbers, truth values, lists, variables of the environment, names that
 * were assigned before, `+`, and the paths that `os.path.join` and `/` make. Nothing is run. What is written otherwise counts as not said.
 */
export type PythonValue = string | number | boolean | null | PythonValue[];

const TOKEN =
  /\s*(?:#[^\n]*|([rRbBuU]?(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))|(\d[\d_]*(?:\.\d+)?)|([A-Za-z_][\w.]*)|([()[\],+/*=]))/y;
const ASSIGNMENT = /^([A-Z][A-Z0-9_]*)[ \t]*=[ \t]*(?!=)/gm;
const ENVIRONMENT = new Set(['os.environ.get', 'os.getenv', 'environ.get', 'getenv', 'config', 'env']);
const PASSES_ON = new Set(['str', 'Path', 'pathlib.Path', 'os.path.abspath', 'os.path.normpath', 'list', 'tuple', 'int']);

/**
 * @param environment of the process that reads these settings, as its `.env` has it.
 * @returns values by name; names whose value cannot be told are absent.
 */
export function readPythonSettings(source: string, environment: Readonly<Record<string, string>>): Map<string, PythonValue> {
  const known = new Map<string, PythonValue>();
  for (const match of source.matchAll(ASSIGNMENT)) {
    const value = new Expression(source, match.index + match[0].length, known, environment).value();
    if (value !== undefined) known.set(match[1] ?? '', value);
    else known.delete(match[1] ?? '');
  }
  return known;
}

type Maybe = PythonValue | undefined;

/** Undefined all the way up for whatever it does not understand. */
class Expression {
  private at: number;
  private token: { kind: 'text' | 'number' | 'name' | 'sign' | 'end'; text: string } = { kind: 'end', text: '' };

  constructor(
    private readonly source: string,
    from: number,
    private readonly known: ReadonlyMap<string, PythonValue>,
    private readonly environment: Readonly<Record<string, string>>,
  ) {
    this.at = from;
    this.next();
  }

  value(): Maybe {
    let sum = this.single();
    while (this.token.kind === 'sign' && (this.token.text === '+' || this.token.text === '/')) {
      const sign = this.token.text;
      this.next();
      sum = joined(sum, sign, this.single());
    }
    while (sum !== undefined && this.token.text === '*') {
      this.next();
      const by = this.single();
      sum = typeof sum === 'number' && typeof by === 'number' ? sum * by : undefined;
    }
    return sum;
  }

  private single(): Maybe {
    const { kind, text } = this.token;
    this.next();
    if (kind === 'text') return this.texts(unquoted(text));
    if (kind === 'number') return Number(text.replaceAll('_', ''));
    if (kind === 'name') return this.named(text);
    if (text === '[') return this.list(']');
    if (text !== '(') return undefined;
    const inner = this.list(')');
    // A pair of brackets around one value is no list.
    return inner?.length === 1 ? inner[0] : inner;
  }

  /** Texts beside each other are one. */
  private texts(first: string): string {
    let whole = first;
    for (; this.token.kind === 'text'; this.next()) whole += unquoted(this.token.text);
    return whole;
  }

  private named(name: string): Maybe {
    if (name === 'True' || name === 'False') return name === 'True';
    if (name === 'None') return null;
    if (this.token.text === '[' && /(^|\.)environ$/.test(name)) {
      this.next();
      const [key] = this.list(']') ?? [];
      return this.environment[String(key)];
    }
    if (this.token.text !== '(') return this.known.get(name);
    this.next();
    const given = this.list(')');
    const [first, second] = given ?? [];
    if (ENVIRONMENT.has(name)) return this.environment[String(first)] ?? second ?? null;
    if (name === 'os.path.join') return given?.reduce<Maybe>((path, part) => joined(path, '/', part), given.shift());
    return PASSES_ON.has(name) ? first : undefined;
  }

  /** Undefined where any of them is. */
  private list(end: string): PythonValue[] | undefined {
    const values: Maybe[] = [];
    while (this.token.text !== end) {
      if (this.token.kind === 'end') return undefined;
      values.push(this.value());
      if (this.token.text === ',') this.next();
      else if (this.token.text !== end) return undefined;
    }
    this.next();
    return values.every((value) => value !== undefined) ? values : undefined;
  }

  private next(): void {
    for (;;) {
      TOKEN.lastIndex = this.at;
      const match = TOKEN.exec(this.source);
      if (!match) return void (this.token = { kind: 'end', text: '' });
      this.at = TOKEN.lastIndex;
      const [, text, number, name, sign] = match;
      if (text !== undefined) return void (this.token = { kind: 'text', text });
      if (number !== undefined) return void (this.token = { kind: 'number', text: number });
      if (name !== undefined) return void (this.token = { kind: 'name', text: name });
      if (sign !== undefined) return void (this.token = { kind: 'sign', text: sign });
    }
  }
}

function joined(one: Maybe, sign: string, other: Maybe): Maybe {
  if (Array.isArray(one) && Array.isArray(other) && sign === '+') return [...one, ...other];
  if (typeof one === 'number' && typeof other === 'number') return sign === '+' ? one + other : one / other;
  if (typeof one !== 'string' || typeof other !== 'string') return undefined;
  if (sign === '+') return one + other;
  return other.startsWith('/') ? other : `${one.replace(/\/$/, '')}/${other}`;
}

function unquoted(literal: string): string {
  const isRaw = /^r/i.test(literal);
  const bare = literal.replace(/^[a-z]/i, '');
  const width = /^("""|''')/.test(bare) ? 3 : 1;
  const inner = bare.slice(width, -width);
  if (isRaw) return inner;
  return inner.replace(/\\(\n|.)/g, (_, sign: string) => ({ n: '\n', t: '\t', r: '\r', '\n': '' })[sign] ?? sign);
}
