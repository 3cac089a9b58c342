/** Labels that grow by so many pixels into what has none; @param into where they may grow, everywhere if not given. */
export function grow(labels, width, steps, into = null) {
  let grown = labels;
  for (let step = 0; step < steps; step += 1) {
    const before = grown;
    const isBeside = (at, other) => Math.abs((at % width) - (other % width)) <= 1;
    grown = before.map((label, at) => {
      if (label !== 0 || (into && !into[at])) return label;
      const other = [at - 1, at + 1, at - width, at + width].find((next) => (before[next] ?? 0) !== 0 && isBeside(at, next));
      return other === undefined ? 0 : before[other];
    });
  }
  return grown;
}
