/** How far a program is, as one line of its output tells. */
export type LineProgress =
  /** A bar: percent of what it stands for, and its name. */
  | { kind: 'bar'; percent: number; text: string | null }
  /** A pass over the data of so many, inside of which bars begin anew. Counted from 1; it is under way. */
  | { kind: 'pass'; at: number; of: number; text: string }
  /** One of several steps that are told apart by name. */
  | { kind: 'part'; name: string; done: number; total: number };

/** Lines that are longer are no progress; what is looked at stays short enough for every pattern here, none of which repeats a repetition. */
const LONGEST = 500;
// oxlint-disable-next-line no-control-regex
const TERMINAL = /\u001B\[[0-?]*[ -/]*[@-~]/g;

/** ` 45%|████▌     | 45/100 [00:05<00:06,  8.50it/s]`, with a name before. */
const TQDM = /^\s*(?:(\S.{0,79}?):\s+)?(\d{1,3})%\|[^|]{0,200}\|\s*[\d.]+[kKMGT]?\w{0,3}\/[\d.]+[kKMGT]?/u;
/** `[ab/12cd34] process > ALIGN (s3)  [ 30%] 3 of 10` and, since version 23, the same without `process >`. */
const NEXTFLOW =
  /^\[[0-9a-f]{2}\/[0-9a-f]{6}\]\s+(?:process\s+>\s+)?(\S{1,200})(?:\s+\([^)]{0,200}\))?\s+\[\s*\d{1,3}%\]\s+(\d{1,9})\s+of\s+(\d{1,9})/;
/** `3 of 10 steps (30%) done`. */
const SNAKEMAKE = /(\d{1,9}) of (\d{1,9}) steps \((\d{1,3})%\) done/;
/** `12/100 [====>....] - ETA: 3s` and the newer `12/100 ━━━━───`. */
const KERAS = /^\s*(\d{1,9})\/(\d{1,9})\s+(?:\[[=>.#\s-]|[━─╸╺])/u;
const EPOCH = /(?:^|[\s[(|>:-])epoch\s*[:#]?\s*\[?\s*(\d{1,9})\s*(?:\/|of)\s*(\d{1,9})\b/i;
const COUNTED =
  /(?:^|[\s[(|>:-])(batch|cell|chunk|field|file|frame|image|item|iter|iteration|job|page|part|plate|sample|slice|slide|stage|step|task|tile|volume|well)\s*[:#]?\s*\[?\s*(\d{1,9})\s*(?:\/|of|out of)\s*(\d{1,9})\b(?!\/)/i;
/** `[3/10] segmenting` and `(3/10)`. */
const BRACKETS = /^\s*[[(]\s*(\d{1,9})\s*\/\s*(\d{1,9})\s*[\])]\s*(.{0,200})/u;
const PERCENT_FIRST = /^\s*[[(]?\s*(\d{1,3}(?:\.\d{1,6})?)\s?%\s*[\])]?(?:[\s:,|-]+(.{0,200}))?$/u;
const PERCENT_NAMED =
  /(?:progress|complete|completed|processed|processing|done|finished)\b[\s:=([-]{0,6}(\d{1,3}(?:\.\d{1,6})?)\s?%|\b(\d{1,3}(?:\.\d{1,6})?)\s?%\s?(?:complete|completed|done|finished|processed)\b/i;

/** What a line says of the progress; null for any other line. @param style `tqdm` looks for the bars of tqdm alone. */
export function readProgressLine(raw: string, style: 'auto' | 'tqdm'): LineProgress | null {
  if (raw.length > LONGEST * 2) return null;
  const line = raw.replaceAll(TERMINAL, '');
  if (line.length > LONGEST) return null;
  const bar = TQDM.exec(line);
  if (bar) return percentBar(Number(bar[2]), bar[1] ?? null);
  return style === 'tqdm' ? null : (workflowLine(line) ?? countedLine(line) ?? percentLine(line));
}

function workflowLine(line: string): LineProgress | null {
  const part = NEXTFLOW.exec(line);
  if (part) return { kind: 'part', name: part[1] ?? '', done: Number(part[2]), total: Number(part[3]) };
  const steps = SNAKEMAKE.exec(line);
  return steps && percentBar(share(steps[1], steps[2]), null);
}

function countedLine(line: string): LineProgress | null {
  const keras = KERAS.exec(line);
  if (keras) return percentBar(share(keras[1], keras[2]), null);
  const epoch = EPOCH.exec(line);
  if (epoch && isCount(epoch[1], epoch[2])) {
    return { kind: 'pass', at: Number(epoch[1]), of: Number(epoch[2]), text: `Epoch ${epoch[1]}/${epoch[2]}` };
  }
  const counted = COUNTED.exec(line);
  if (counted && isCount(counted[2], counted[3])) return underWay(counted[2], counted[3], line.trim());
  const brackets = BRACKETS.exec(line);
  return brackets && isCount(brackets[1], brackets[2]) ? underWay(brackets[1], brackets[2], brackets[3]?.trim() || null) : null;
}

function percentLine(line: string): LineProgress | null {
  const first = PERCENT_FIRST.exec(line);
  if (first) return percentBar(Number(first[1]), first[2]?.trim() || null);
  const named = PERCENT_NAMED.exec(line);
  return named && percentBar(Number(named[1] ?? named[2]), null);
}

/** Lines that count are printed when a piece begins, so that piece is not done. */
function underWay(at: string | undefined, of: string | undefined, text: string | null): LineProgress | null {
  return percentBar(((Number(at) - 1) / Number(of)) * 100, text);
}

function share(done: string | undefined, total: string | undefined): number {
  return (Number(done) / Number(total)) * 100;
}

/** 05/06 may be a date, and 3/0 is no count at all. */
function isCount(at: string | undefined, of: string | undefined): boolean {
  return Number(at) >= 1 && Number(at) <= Number(of);
}

function percentBar(percent: number, text: string | null): LineProgress | null {
  return Number.isFinite(percent) && percent >= 0 && percent <= 100 ? { kind: 'bar', percent, text } : null;
}
