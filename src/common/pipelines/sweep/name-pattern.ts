/**
 * Whether a path goes with a pattern that a person typed: `*` and `?` stay inside one folder, `**` as a part of its own crosses folders, case
 * is ignored. Not by a regular expression, whose time a pattern with many stars could make endless: the work is at most the product of the
 * two lengths.
 */
export function matchesNamePattern(pattern: string, path: string): boolean {
  const parts = pattern.toLowerCase().split('/');
  const names = path.toLowerCase().split('/');
  return matchesGreedily(parts, names, '**', (part, name) =>
    matchesGreedily(part.split(''), name.split(''), '*', (one, other) => one === '?' || one === other),
  );
}

/** The usual way with wildcards: after a mismatch, the last star takes one more. */
function matchesGreedily<Item>(
  pattern: readonly Item[],
  subject: readonly Item[],
  star: Item,
  matches: (part: Item, item: Item) => boolean,
): boolean {
  let [at, next] = [0, 0];
  let lastStar = -1;
  let resumeAt = 0;
  while (next < subject.length) {
    if (at < pattern.length && pattern[at] === star) {
      lastStar = at;
      at += 1;
      resumeAt = next;
    } else if (at < pattern.length && matches(pattern[at], subject[next])) {
      at += 1;
      next += 1;
    } else if (lastStar >= 0) {
      at = lastStar + 1;
      resumeAt += 1;
      next = resumeAt;
    } else return false;
  }
  while (at < pattern.length && pattern[at] === star) at += 1;
  return at === pattern.length;
}
