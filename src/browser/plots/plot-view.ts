import { compile } from '../vega-lite.js';
import { formats, parse, View, Warn } from '../vega.js';
import { readDelimited } from './delimited.js';
import { PlotFault } from './plot-fault.js';
import { countGrowth, countingInterpreter } from './plot-growth.js';
import { PlotLoader, type Json, type PlotPlace } from './plot-source.js';

/** What is given to a plot beside its description. */
export interface PlotSurroundings {
  place: PlotPlace;
  /** Colours and letters, which the description may change. */
  config: Json;
  /** Pixels that are there for it. */
  width: number;
}

const HEIGHT = 360;
/** Pixels that a canvas can have in every browser. */
const MOST_SIDE = 16_000;
const MOST_AREA = 60_000_000;

interface Format {
  delimiter?: string;
  header?: string[];
}

for (const [name, delimiter] of Object.entries({ csv: ',', tsv: '\t', dsv: undefined })) {
  const read = (text: string, format: Format): unknown =>
    readDelimited(text, delimiter ?? format.delimiter ?? ',', Array.isArray(format.header) ? format.header.map(String) : undefined);
  formats(name, Object.assign(read, { responseType: 'text' }) as never);
}

/**
 * Draws a plot. Its expressions are interpreted, never made into programs, so that our content policy holds, and they reach nothing but its
 * own data.
 * @param container absent: it is only worked out. @throws PlotFault.
 */
export async function drawPlot(spec: Json, { place, config, width }: PlotSurroundings, container?: HTMLElement): Promise<View> {
  const loader = new PlotLoader(place);
  const logger = new PlotLogger();
  const runtime = parse(asVega(spec, config, width) as never, isLite(spec) ? undefined : config, { ast: true });
  const view = new View(runtime, {
    expr: countingInterpreter,
    loader: loader as never,
    logger: logger as never,
    logLevel: Warn,
    renderer: container ? 'canvas' : 'none',
    ...(container ? { container, hover: true } : {}),
  } as never);
  await countGrowth(() => view.runAsync());
  const fault = loader.fault ?? logger.fault;
  if (fault) {
    view.finalize();
    throw fault;
  }
  return view;
}

/** Its warnings are for authors, who try their plots elsewhere; an error is remembered, since Vega goes on after it. */
class PlotLogger {
  fault: PlotFault | null = null;

  level(): this {
    return this;
  }

  /** Bound to this logger: Vega calls it as if it were the view's own. */
  readonly error = (...words: unknown[]): this => {
    const own = words.find((word) => word instanceof PlotFault);
    this.fault ??= own ?? new PlotFault('bad', words.map((word) => (word instanceof Error ? word.message : String(word))).join(' '));
    return this;
  };

  warn(): this {
    return this;
  }

  info(): this {
    return this;
  }

  debug(): this {
    return this;
  }
}

/** @throws PlotFault for a plot that no canvas can hold. */
export function checkSize(view: View): void {
  const { x1, x2, y1, y2 } = (view.scenegraph() as unknown as { root: { bounds: Record<'x1' | 'x2' | 'y1' | 'y2', number> } }).root.bounds;
  const [width, height] = [Math.max(x2 - x1, view.width()), Math.max(y2 - y1, view.height())];
  if (!(width < MOST_SIDE && height < MOST_SIDE && width * height < MOST_AREA)) throw new PlotFault('large');
}

function asVega(spec: Json, config: Json, width: number): unknown {
  return isLite(spec) ? compile(fitted(spec, width) as never, { config, logger: new PlotLogger() }).spec : spec;
}

/** By what it says of itself, else by what only Vega has. */
function isLite(spec: Json): boolean {
  const schema = typeof spec['$schema'] === 'string' ? spec['$schema'] : '';
  if (/\/vega(-lite)?\//.test(schema)) return schema.includes('/vega-lite/');
  return !('marks' in spec || 'signals' in spec || 'scales' in spec);
}

/** A single plot that says nothing of its size gets all there is. */
function fitted(spec: Json, width: number): Json {
  const isSingle = 'mark' in spec || 'layer' in spec;
  const encoding = (spec['encoding'] ?? {}) as Json;
  const isFaceted = ['row', 'column', 'facet'].some((channel) => channel in encoding);
  if (!isSingle || isFaceted || 'width' in spec || width <= 0) return spec;
  return { height: HEIGHT, autosize: { type: 'fit', contains: 'padding' }, ...spec, width };
}
