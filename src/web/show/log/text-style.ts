/** How a terminal draws its next character. Colours are numbers of the palette of 256; null is the colour of the page. */
export interface TextStyle {
  ink: number | null;
  ground: number | null;
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underlined: boolean;
  inverse: boolean;
  struck: boolean;
}

export const PLAIN: TextStyle = {
  ink: null,
  ground: null,
  bold: false,
  faint: false,
  italic: false,
  underlined: false,
  inverse: false,
  struck: false,
};

const SWITCHES: Partial<Record<number, Partial<TextStyle>>> = {
  1: { bold: true },
  2: { faint: true },
  3: { italic: true },
  4: { underlined: true },
  7: { inverse: true },
  9: { struck: true },
  21: { underlined: true },
  22: { bold: false, faint: false },
  23: { italic: false },
  24: { underlined: false },
  27: { inverse: false },
  29: { struck: false },
  39: { ink: null },
  49: { ground: null },
};

/** The style after one SGR sequence. @param parameters what stands between `CSI` and `m`: '', '1;31', '38;5;208', '38:2::255:0:0'. */
export function restyle(style: TextStyle, parameters: string): TextStyle {
  const words = parameters.split(';');
  let next = style;
  for (let index = 0; index < words.length; index++) {
    const parts = words[index].split(':');
    const code = Number(parts[0]);
    if (code === 38 || code === 48) {
      const inPlace = parts.length > 1;
      const { colour, used } = inPlace ? colourOf(withoutColourSpace(parts.slice(1))) : colourOf(words.slice(index + 1, index + 5));
      if (colour !== null) next = { ...next, [code === 38 ? 'ink' : 'ground']: colour };
      if (!inPlace) index += used;
    } else if (parts[0] === '4' && parts[1] === '0') next = { ...next, underlined: false };
    else next = switched(next, code);
  }
  return next;
}

function switched(style: TextStyle, code: number): TextStyle {
  if (code === 0) return PLAIN;
  if (code >= 30 && code <= 37) return { ...style, ink: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, ground: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, ink: code - 82 };
  if (code >= 100 && code <= 107) return { ...style, ground: code - 92 };
  const change = SWITCHES[code];
  return change ? { ...style, ...change } : style;
}

/** `2::r:g:b` names a colour space that nobody fills in; `2:r:g:b` leaves it out. */
function withoutColourSpace(parts: string[]): string[] {
  return parts[0] === '2' && parts.length > 4 ? ['2', ...parts.slice(2)] : parts;
}

function colourOf(words: readonly string[]): { colour: number | null; used: number } {
  if (words[0] === '5') return { colour: isByte(words[1]) ? Number(words[1]) : null, used: 2 };
  if (words[0] !== '2') return { colour: null, used: 0 };
  const [red, green, blue] = words.slice(1, 4);
  const isColour = isByte(red) && isByte(green) && isByte(blue);
  return { colour: isColour ? nearestOfPalette(Number(red), Number(green), Number(blue)) : null, used: 4 };
}

function isByte(word: string | undefined): boolean {
  return word !== undefined && /^\d{1,3}$/.test(word) && Number(word) < 256;
}

const CUBE = [0, 95, 135, 175, 215, 255];

/** The number of the palette's colour that is nearest to a mixture of 0 to 255 each: one of its cube, or one of its greys. */
export function nearestOfPalette(red: number, green: number, blue: number): number {
  const wanted = [red, green, blue];
  const steps = wanted.map(nearestStep);
  const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const greyDistance = distance(wanted, Array<number>(3).fill(8 + 10 * grey));
  const cubeDistance = distance(
    wanted,
    steps.map((step) => CUBE[step]),
  );
  return greyDistance < cubeDistance ? 232 + grey : 16 + 36 * steps[0] + 6 * steps[1] + steps[2];
}

function nearestStep(value: number): number {
  return CUBE.reduce((best, level, step) => (Math.abs(level - value) < Math.abs(CUBE[best] - value) ? step : best), 0);
}

function distance(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + (value - right[index]) ** 2, 0);
}

/** Class names of a style, '' for plain text: `f1` ink 1, `b4` ground 4, and single letters. The style sheet has their colours. */
export function classesOf({ ink, ground, ...style }: TextStyle): string {
  const [front, back] = style.inverse ? [ground, ink] : [ink, ground];
  const names = [
    front === null ? '' : `f${front}`,
    back === null ? '' : `b${back}`,
    style.inverse && back === null ? 'inv' : '',
    style.bold ? 'bo' : '',
    style.faint ? 'fa' : '',
    style.italic ? 'it' : '',
    style.underlined ? 'un' : '',
    style.struck ? 'st' : '',
  ];
  return names.filter(Boolean).join(' ');
}
