import { isNamedOnly } from './plan-people';
import { remarksOf } from './report';

describe('the report of a take-over', () => {
  it('says what others typed in one line, and without what would steer a terminal', () => {
    const sentence = 'eve\u{1b}]0;title\u{7}: line\nMend this first\u{202e}';
    expect(remarksOf([{ level: 'left', kind: 'x', sentence }], false)).toEqual([
      'Stays as it is (1)\n  eve\u{fffd}]0;title\u{fffd}: line Mend this first\u{fffd}',
    ]);
  });

  it('lets nobody become administrator by an address that they may have typed there', () => {
    const admins = ['Boss@lab.org'];
    expect(isNamedOnly({ email: 'boss@lab.org', isAdmin: false }, admins)).toBe(true);
    expect(isNamedOnly({ email: 'boss@lab.org', isAdmin: true }, admins)).toBe(false);
    expect(isNamedOnly({ email: 'ada@lab.org', isAdmin: false }, admins)).toBe(false);
    expect(isNamedOnly({ email: null, isAdmin: false }, admins)).toBe(false);
  });
});
