/** What a line seems to be, by its words. */
export type Tone = 'plain' | 'warning' | 'error';

/** Words of programs that give up, … */
export const ERROR_WORDS = ['error', 'fatal', 'exception', 'traceback', 'segmentation fault', 'killed', 'panic'] as const;
export const ERROR = new RegExp(String.raw`\b(?:${ERROR_WORDS.join('|')})\b`, 'i');
/** … unless they say that there was none, or name a figure. */
export const NO_ERROR = /\b(?:0|no|without)\s+errors?\b|\berror\s*[:=]?\s*(?:0|none)\b|[=<>\d]\s*error\b|\berror\s*[=<>]/i;
const WARNING = /\bwarn(?:ing)?s?\b/i;

export function toneOf(text: string): Tone {
  if (ERROR.test(text) && !NO_ERROR.test(text)) return 'error';
  return WARNING.test(text) ? 'warning' : 'plain';
}
