/** The parts of a pattern that stand for more than themselves. */
const WILD = /(\*\*\/|\*\*|\*|\?)/;

/** By the number of letters before it: whether the pattern, as far as it was read, fits that much of a path. */
type Reached = Uint8Array;

export function wildcardsIn(glob: string): string[] {
  return glob.split(WILD).filter((part) => WILD.test(part));
}

/**
 * Reads patterns as `browser/conditions/glob` does, whoever wrote them: its time grows with the length of the pattern times that of the
 * path, where a regular expression tries every way to share a path among the wildcards.
 */
export function walkGlob(glob: string): (path: string) => boolean {
  const parts = glob.split(WILD).filter((part) => part !== '');
  const steps = parts.map((part) => WILDCARDS[part] ?? literal(lettersOf(part)));
  return (path) => {
    const letters = lettersOf(path);
    let reached: Reached = new Uint8Array(letters.length + 1);
    reached[0] = 1;
    for (const step of steps) {
      reached = step(reached, letters);
      if (!reached.includes(1)) return false;
    }
    return reached[letters.length] === 1;
  };
}

type Step = (reached: Reached, letters: readonly string[]) => Reached;

const WILDCARDS: Readonly<Record<string, Step>> = {
  '?': (reached, letters) => each(letters, (count) => count > 0 && reached[count - 1] === 1 && letters[count - 1] !== '/'),
  '*': (reached, letters) => {
    let isIn = false;
    return each(letters, (count) => {
      isIn = reached[count] === 1 || (isIn && letters[count - 1] !== '/');
      return isIn;
    });
  },
  '**': (reached, letters) => {
    const first = reached.indexOf(1);
    return each(letters, (count) => count >= first);
  },
  '**/': (reached, letters) => {
    const first = reached.indexOf(1);
    return each(letters, (count) => reached[count] === 1 || (count > first && letters[count - 1] === '/'));
  },
};

function literal(part: readonly string[]): Step {
  return (reached, letters) =>
    each(letters, (count) => {
      const from = count - part.length;
      return from >= 0 && reached[from] === 1 && part.every((letter, index) => letter === letters[from + index]);
    });
}

function each(letters: readonly string[], isReached: (count: number) => boolean): Reached {
  const reached = new Uint8Array(letters.length + 1);
  for (let count = 0; count <= letters.length; count += 1) if (isReached(count)) reached[count] = 1;
  return reached;
}

/** Without regard to capitals, letter by letter. */
function lettersOf(text: string): string[] {
  return Array.from(text, (letter) => {
    const upper = single(letter, letter.toUpperCase());
    return single(upper, upper.toLowerCase());
  });
}

/** A letter whose other form is several stays as it is. */
function single(letter: string, other: string): string {
  return Array.from(other).length === 1 ? other : letter;
}
