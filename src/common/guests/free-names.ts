/** Something that has a name which is its own within a group of the same owner. */
export interface Named {
  id: string;
  name: string;
  group: string;
}

/**
 * Each of `clashing` with a number that makes its name free: `Spleen (2)`. A name counts as taken also by one that differs in case, accents
 * or blanks at the end, which is the same to many databases.
 * @param taken all names that the owner will have. @param from the first number. @param most characters of a name.
 */
export function renamed(clashing: readonly Named[], taken: readonly Named[], { from, most }: { from: number; most: number }): Named[] {
  const keys = new Set(taken.map(keyOf));
  return clashing.map((one) => {
    const free = freeName(one, keys, from, most);
    keys.add(keyOf(free));
    return free;
  });
}

function freeName(one: Named, taken: ReadonlySet<string>, from: number, most: number): Named {
  for (let number = from; ; number += 1) {
    const ending = ` (${number})`;
    const candidate = { ...one, name: `${shortened(one.name, most - ending.length)}${ending}` };
    if (!taken.has(keyOf(candidate))) return candidate;
  }
}

/** Cut between characters, never within one. */
function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const characters = Array.from(name);
  while (characters.join('').length > most) characters.pop();
  return characters.join('').trimEnd();
}

function keyOf({ group, name }: Named): string {
  return JSON.stringify([group, name].map((word) => word.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase().trimEnd()));
}
