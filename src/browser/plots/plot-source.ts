import { PlotFault } from './plot-fault.js';

/** Where a plot lies, and where all that it may read begins. */
export interface PlotPlace {
  /** Absolute address of its description. */
  spec: string;
  /** Absolute address of the results of its run; ends with a slash. */
  files: string;
}

export type Json = Record<string, unknown>;

const SPEC_BYTES = 5_000_000;
const DATA_BYTES = 20_000_000;
const MOST_ROWS = 200_000;
/** Names that would reach into what all objects have in common. */
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype']);

/** The description as it stands in its file. @throws PlotFault. */
export async function fetchSpec({ spec }: PlotPlace): Promise<Json> {
  const text = await fetchText(spec, SPEC_BYTES);
  let value: unknown;
  try {
    value = JSON.parse(text, (key, inside: unknown) => (DANGEROUS.has(key) ? undefined : inside));
  } catch (error) {
    throw new PlotFault('badSpec', (error as Error).message);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new PlotFault('badSpec', typeof value);
  return value as Json;
}

/**
 * What Vega loads data and pictures with: files among the results of the same run, by addresses relative to the description, of bounded
 * size. All else is refused, and remembered, since Vega goes on without data that it cannot get.
 */
export class PlotLoader {
  readonly options = {};
  fault: PlotFault | null = null;

  constructor(private readonly place: PlotPlace) {}

  async load(uri: string): Promise<string> {
    return this.remember(async () => {
      const text = await fetchText(this.resolve(uri), DATA_BYTES);
      if (countLines(text) > MOST_ROWS) throw new PlotFault('large');
      return text;
    });
  }

  /** Links of a plot lead nowhere. */
  async sanitize(uri: string, { context }: { context?: string } = {}): Promise<{ href: string }> {
    if (context === 'href') throw new PlotFault('foreign');
    return this.remember(async () => ({ href: this.resolve(uri) }));
  }

  http(uri: string): Promise<string> {
    return this.load(uri);
  }

  file(uri: string): Promise<string> {
    return this.load(uri);
  }

  private resolve(uri: unknown): string {
    if (typeof uri !== 'string' || /^[a-z][a-z\d+.-]*:|^[/\\]/i.test(uri.trim())) throw new PlotFault('foreign');
    const url = new URL(uri, this.place.spec);
    if (!url.href.startsWith(this.place.files)) throw new PlotFault('foreign');
    return url.href;
  }

  private async remember<Value>(step: () => Promise<Value>): Promise<Value> {
    try {
      return await step();
    } catch (error) {
      this.fault ??= error instanceof PlotFault ? error : new PlotFault('gone');
      throw error;
    }
  }
}

/** Redirects are not followed: they would lead away from the results. */
async function fetchText(address: string, most: number): Promise<string> {
  const answer = await fetch(address, { redirect: 'error' }).catch(() => null);
  if (!answer?.ok || !answer.body) throw new PlotFault('gone');
  if (Number(answer.headers.get('content-length') ?? 0) > most) throw new PlotFault('large');
  const decoder = new TextDecoder();
  const reader = answer.body.getReader();
  let text = '';
  for (let read = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    read += value.length;
    if (read > most) throw new PlotFault('large');
    text += decoder.decode(value, { stream: true });
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
