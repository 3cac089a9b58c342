import { Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import type { DraftField } from './draft';
import type { Foreign } from './foreign';
import type { ImportReport } from './import-report';

const WIDTH = 110;

interface Written {
  /** Lines at the top, without `#`. */
  head: readonly string[];
  fields: readonly DraftField[];
  report: ImportReport;
}

/** The text of a `pipeline.yaml` that can be read and edited, with what was lost of each field beside it. */
export function writeManifest(manifest: Foreign, { head, fields, report }: Written): string {
  const document = new Document(manifest);
  const parameters = document.get('parameters', true);
  if (isSeq(parameters)) {
    for (const [index, item] of parameters.items.entries()) {
      const field = fields[index];
      if (field === undefined || !isMap(item)) continue;
      const lines = report.of(field.origin).map(({ loss, sentence }) => `${loss}: ${sentence}`);
      if (lines.length > 0) (item as Node).commentBefore = commentOf(lines);
      shorten(item);
    }
  }
  for (const name of ['command', 'outputs']) flow(document.get(name, true));
  const files = document.get('files', true);
  if (isSeq(files)) for (const file of files.items) if (isMap(file)) shorten(file);
  const args = document.get('arguments', true);
  if (isSeq(args)) for (const item of args.items) flow(item);
  const top = head.map((line) => `#${line === '' ? '' : ` ${line}`}`).join('\n');
  return `${top}\n${document.toString({ lineWidth: 120, singleQuote: true, flowCollectionPadding: false })}`;
}

/** Lists of words on one line. */
function shorten(parameter: YAMLMap): void {
  for (const pair of parameter.items) {
    const { value } = pair;
    if (!isSeq(value)) continue;
    if (value.items.every((item) => isScalar(item))) value.flow = true;
    else for (const item of value.items) flow(item);
  }
}

function flow(node: unknown): void {
  if (isSeq(node) || isMap(node)) node.flow = true;
}

function commentOf(lines: readonly string[]): string {
  return lines
    .flatMap(wrapped)
    .map((line) => ` ${line}`)
    .join('\n');
}

function wrapped(line: string): string[] {
  const words = line
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .split(' ');
  const lines = [''];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
