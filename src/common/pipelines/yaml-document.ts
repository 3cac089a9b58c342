import { LineCounter, parseDocument } from 'yaml';
import { text } from '../../locales/text';
import { YamlFaults } from './yaml-faults';

/** The content of a YAML text and where its parts stand; or what is wrong with it, one sentence a fault, each with its line. */
export type YamlReading = { value: unknown; places: YamlFaults } | { faults: string[] };

export function readYaml(source: string): YamlReading {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const faultAt = (at: number, fault: string) => text('pipelines.faultAtLine', { line: lines.linePos(at).line, fault });
    return { faults: document.errors.map((error) => faultAt(error.pos[0], inWords(error.code, error.message))) };
  }
  try {
    // Aliases that multiply without end are an error.
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { value, places: new YamlFaults(document, lines) };
  } catch (error) {
    const fault = error instanceof ReferenceError ? text('pipelines.tooManyAliases') : inWords('', (error as Error).message);
    return { faults: [text('pipelines.faultAtLine', { line: 1, fault })] };
  }
}

/** Some sentences of the parser are for programmers. */
function inWords(code: string, message: string): string {
  if (code === 'MULTIPLE_DOCS') return text('pipelines.manyDocuments');
  return /call stack/i.test(message) ? text('pipelines.tooDeep') : message;
}
