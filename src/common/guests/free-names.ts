/** Something that has a name which is its own within a group of the same owner. */
export interface Named {
  id: string;
  name: string;
  group: string;
}

/**
 * Those of `coming` whose names `there` has already, each with a number that makes its name free: `Spleen (2)`.
 * @param most characters of a name.
 */
export function renamed(coming: readonly Named[], there: readonly Named[], most: number): Named[] {
  const taken = new Set([...coming, ...there].map(keyOf));
  const own = new Set(there.map(keyOf));
  return coming.flatMap((one) => {
    if (!own.has(keyOf(one))) return [];
    const free = freeName(one, taken, most);
    taken.add(keyOf(free));
    return [free];
  });
}

function freeName(one: Named, taken: ReadonlySet<string>, most: number): Named {
  for (let number = 2; ; number += 1) {
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
  return JSON.stringify([group, name]);
}
