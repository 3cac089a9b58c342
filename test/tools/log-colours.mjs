/**
 * Style sheet of the 256 colours that programs write into logs. Text keeps its hue and gets the lightness that can be read on the ground
 * of a log in either theme; a coloured ground becomes a tint on which the text of the page can be read.
 */

/** The ground of a log, `--sunken` of the tokens, in the light and in the dark theme. */
const GROUNDS = { light: [0xf4, 0xf4, 0xf2], dark: [0x12, 0x12, 0x15] };
/** WCAG's least contrast of text. */
const LEAST_CONTRAST = 4.6;
const CUBE = [0, 95, 135, 175, 215, 255];
/** The first eight colours and their bright forms, as xterm mixes them. */
const BASE = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [60, 90, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
];
/** Where the page has a word for the colour. */
const TOKENS = { 0: 'ink', 1: 'bad', 2: 'ok', 3: 'warn', 7: 'ink-2', 8: 'ink-3', 9: 'bad', 10: 'ok', 11: 'warn', 15: 'ink' };
const PALETTE = 256;

/** @returns {string} rules for `.f0` to `.f255` and `.b0` to `.b255`. */
export function logColours() {
  const rules = [];
  for (let number = 0; number < PALETTE; number += 1) {
    const token = TOKENS[number];
    const { light, dark } = inkOf(number);
    rules.push(`.log .f${number}{color:${token ? `var(--${token})` : `light-dark(${hex(light)},${hex(dark)})`}}`);
    rules.push(`.log .b${number}{background:color-mix(in srgb,${hex(mixtureOf(number))} 24%,var(--sunken));color:var(--ink)}`);
  }
  return `${rules.join('\n')}\n`;
}

/** Red, green and blue of a colour of the palette, 0 to 255 each. */
export function mixtureOf(number) {
  if (number < 8) return BASE[number];
  if (number < 16) return BASE[number - 8].map((part) => Math.min(255, part + (number === 8 ? 127 : 50)));
  if (number >= 232) return Array(3).fill(8 + 10 * (number - 232));
  const step = number - 16;
  return [CUBE[Math.floor(step / 36)], CUBE[Math.floor(step / 6) % 6], CUBE[step % 6]];
}

/** The colour as text: darkened on the light ground, or lightened on the dark one, until it can be read. */
export function inkOf(number) {
  const mixture = mixtureOf(number);
  return { light: readable(mixture, GROUNDS.light, [0, 0, 0]), dark: readable(mixture, GROUNDS.dark, [255, 255, 255]) };
}

function readable(colour, ground, towards) {
  for (let share = 0; share < 1; share += 0.02) {
    const mixed = colour.map((part, index) => Math.round(part + (towards[index] - part) * share));
    if (contrast(mixed, ground) >= LEAST_CONTRAST) return mixed;
  }
  return towards;
}

/** WCAG's ratio of two colours, 1 to 21. */
export function contrast(left, right) {
  const [dark, light] = [luminance(left), luminance(right)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function hex(colour) {
  return `#${colour.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}
