import { isSameDirectoryGroup } from './same-directory-group';

describe('the name of a group of the institute', () => {
  it.each([
    ['staff', 'staff'],
    ['Staff', ' sTAFF'],
    ['/lab/staff', '/lab/staff'],
    ['cn=staff,ou=groups,dc=lab', 'CN=Staff, OU=groups, DC=lab'],
    ['staff', 'cn=staff,ou=groups,dc=lab'],
    ['a\\,b', 'cn=a\\,b,ou=groups,dc=lab'],
  ])('%s means %s', (wanted, given) => expect(isSameDirectoryGroup(wanted, given)).toBe(true));

  it.each([
    ['staff', 'staff2'],
    ['staff', '/lab/staff'],
    ['', 'staff'],
    ['staff', 'ou=staff,dc=lab'],
    ['staff', 'cn=x,cn=staff,dc=lab'],
    ['staff', 'cn=staff\\,ou=groups'],
    ['cn=staff,ou=groups,dc=lab', 'cn=staff,ou=mine,ou=groups,dc=lab'],
    ['cn=staff,ou=groups,dc=lab', 'staff'],
  ])('%s does not mean %s', (wanted, given) => expect(isSameDirectoryGroup(wanted, given)).toBe(false));
});
