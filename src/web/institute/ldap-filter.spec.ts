import { EqualityFilter, FilterParser, OrFilter } from 'ldapts';
import { fillFilter } from './ldap-filter';

describe('a filter of LDAP', () => {
  const FILTER = '(|(uid={login})(mail={login}))';

  it('holds a name as it is', () => {
    expect(fillFilter(FILTER, { login: 'ana.müller' })).toBe('(|(uid=ana.müller)(mail=ana.müller))');
    expect(fillFilter('(&(a={dn})(b={other}))', { dn: 'cn=x' })).toBe('(&(a=cn=x)(b={other}))');
  });

  it.each(['*', '*)(uid=*', 'ana)(|(uid=*', '\\2a', 'a\u0000b', 'x)(&)', ')(objectClass=*))(|(uid=', '{dn}', '$&', '\\'])(
    'compares with %j and with nothing else',
    (login) => {
      const parsed = FilterParser.parseString(fillFilter(FILTER, { login, dn: 'dc=secret' }));
      expect(parsed).toBeInstanceOf(OrFilter);
      const { filters } = parsed as OrFilter;
      expect(filters).toHaveLength(2);
      for (const one of filters) expect(one).toBeInstanceOf(EqualityFilter);
      expect(filters.map((one) => Buffer.from((one as EqualityFilter).value).toString())).toEqual([login, login]);
    },
  );
});
