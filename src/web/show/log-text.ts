/** One line of a log as people read it. */
export interface LogLine {
  text: string;
  tone: 'plain' | 'warning' | 'error';
}

const LONGEST_LINE = 2000;
/** Terminal control sequences: CSI, OSC (up to BEL or ST, or the end of a cut one), and the two-byte ones. */
// oxlint-disable-next-line no-control-regex
const TERMINAL = /\u001B(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[ -/]*[0-~])|\u009B[0-?]*[ -/]*[@-~]/g;
// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
const ERROR = /\b(?:error|fatal|exception|traceback|segmentation fault|killed|panic)\b/i;
const NO_ERROR = /\b(?:0|no|without)\s+errors?\b|\berror\s*[:=]?\s*(?:0|none)\b|[=<>\d]\s*error\b|\berror\s*[=<>]/i;
const WARNING = /\bwarn(?:ing)?s?\b/i;

/**
 * Makes log bytes readable: invalid UTF-8 becomes U+FFFD, colours and other terminal sequences go, and a line that was redrawn with
 * carriage returns (a progress bar) shows its last drawing.
 * @param bytes whole lines, without the newline of the last one.
 */
export function readableLines(bytes: Buffer): LogLine[] {
  if (bytes.length === 0) return [];
  return bytes
    .toString('utf8')
    .split('\n')
    .map((line) => readableLine(line));
}

/** One line, cleaned and cut to a length that a browser can lay out. */
export function readableLine(raw: string): LogLine {
  const drawn = lastDrawing(raw);
  const text = drawn
    .slice(0, LONGEST_LINE * 4)
    .replaceAll(TERMINAL, '')
    .replaceAll(CONTROLS, '');
  const cut = text.length > LONGEST_LINE || drawn.length > LONGEST_LINE * 4;
  return { text: cut ? `${text.slice(0, LONGEST_LINE)} …` : text, tone: toneOf(text.slice(0, LONGEST_LINE)) };
}

function lastDrawing(raw: string): string {
  let end = raw.length;
  while (end > 0 && raw[end - 1] === '\r') end--;
  return raw.slice(raw.lastIndexOf('\r', end - 1) + 1, end);
}

function toneOf(text: string): LogLine['tone'] {
  if (ERROR.test(text) && !NO_ERROR.test(text)) return 'error';
  return WARNING.test(text) ? 'warning' : 'plain';
}
