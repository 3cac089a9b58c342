/**
 * Whether two names mean the same group of a directory. Letters count alike, large or small, and so do blanks around the parts of a name
 * such as `cn=staff, ou=groups, dc=lab`. A name that is set without an equals sign is also that of an entry of a directory that is called
 * so, wherever it stands.
 * @param wanted as it is set. @param given as the institute says it.
 */
export function isSameDirectoryGroup(wanted: string, given: string): boolean {
  const [one, other] = [plain(wanted), plain(given)];
  if (one === other) return true;
  return !one.includes('=') && one === lastName(other);
}

function plain(name: string): string {
  return name
    .normalize('NFC')
    .trim()
    .toLowerCase()
    .replace(/\s*([,=])\s*/g, '$1');
}

/** `staff` of `cn=staff,ou=groups`; undefined for what is no name of an entry. A comma behind a backslash belongs to the name. */
function lastName(name: string): string | undefined {
  return /^cn=((?:\\.|[^,\\])+),[a-z]/.exec(name)?.[1];
}
