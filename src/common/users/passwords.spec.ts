import { InvalidInputError } from '../errors';
import { checkPassword, Passwords } from './passwords';

describe('Passwords', () => {
  const sut = new Passwords();

  it('hashes with argon2id at the cost that OWASP names, with a new salt each time', async () => {
    const [one, two] = await Promise.all([sut.hash('a few good words'), sut.hash('a few good words')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it('knows the right password from a wrong one', async () => {
    const hash = await sut.hash('a few good words');
    expect(await sut.matches(hash, 'a few good words')).toBe(true);
    expect(await sut.matches(hash, 'a few good word')).toBe(false);
    expect(await sut.matches(hash, '')).toBe(false);
  });

  it('takes composed and decomposed letters for the same', async () => {
    expect(await sut.matches(await sut.hash('blåbærsyltetøy'), 'blåbærsyltetøy'.normalize('NFD'))).toBe(true);
  });

  it('says no without a hash, after work that takes its time', async () => {
    expect(await sut.matches(null, 'a few good words')).toBe(false);
    expect(await sut.matches(undefined, 'a few good words')).toBe(false);
  });

  it('makes random passwords that pass its own check and never repeat', () => {
    const made = Array.from({ length: 200 }, () => sut.random());
    expect(new Set(made).size).toBe(200);
    for (const password of made) {
      expect(password).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
      checkPassword(password);
    }
  });
});

describe('checkPassword', () => {
  it.each(['12345678', 'ÄÖÜ ß 日本', '🦉🦉🦉🦉🦉🦉🦉🦉', 'x'.repeat(200)])('takes %j', (password) => {
    expect(() => checkPassword(password)).not.toThrow();
  });

  it.each(['', '1234567', '🦉🦉🦉🦉🦉🦉🦉', 'x'.repeat(201), 'x'.repeat(1_000_000)])('refuses a bad length', (password) => {
    expect(() => checkPassword(password)).toThrow(InvalidInputError);
  });

  it('says how many characters are missing', () => {
    expect(() => checkPassword('owl1234')).toThrow('7 of at least 8 characters.');
    expect(() => checkPassword('owl')).toThrow('3 of at least 8 characters.');
  });
});
