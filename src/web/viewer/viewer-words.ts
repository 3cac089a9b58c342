import { english } from '../../locales/text';

const SAID_BY_SCRIPTS = [
  'opacityOf',
  'colourOf',
  'blackOf',
  'whiteOf',
  'autoOf',
  'range',
  'planeOf',
  'at',
  'bits',
  'bitsFloat',
  'objectOf',
  'rowComes',
  'rowMissing',
  'ready',
  'linkCopied',
  'saved',
  'cannotSave',
  'noObject',
  'notTold',
] as const;

/** The sentences that the scripts of the viewer fill in. */
export function viewerWords(): Record<string, string> {
  return Object.fromEntries(SAID_BY_SCRIPTS.map((name) => [name, english.viewer[name]]));
}
