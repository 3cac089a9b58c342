import { TooManyRequestsError } from '../../common/errors';
import { networkOf, RateLimits } from './rate-limits';

describe('networkOf', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:c000:0207', '192.0.2.7'],
    ['0:0:0:0:0:ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('%s belongs to %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});

describe('RateLimits', () => {
  it('takes five tries for an account and a network, and says when the next one counts', async () => {
    const sut = new RateLimits();
    for (let tries = 0; tries < 5; tries += 1) await sut.take('logInToAccount', 'a@x.org', '192.0.2.7');
    const refusal = await sut.take('logInToAccount', 'a@x.org', '192.0.2.7').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TooManyRequestsError);
    expect((refusal as TooManyRequestsError).retryAfterSeconds).toBeGreaterThan(890);
    expect((refusal as TooManyRequestsError).message).toContain('Wait 15 minutes');
  });

  it('counts others apart, also where their names run into one another', async () => {
    const sut = new RateLimits();
    for (let tries = 0; tries < 5; tries += 1) await sut.take('logInToAccount', 'a', 'b:c');
    await sut.take('logInToAccount', 'a:b', 'c');
    await sut.take('logInToAccount', 'a', 'other');
  });

  it('gives tries back', async () => {
    const sut = new RateLimits();
    for (let tries = 0; tries < 20; tries += 1) {
      await sut.take('logInToAccount', 'a', 'b');
      await sut.giveBack('logInToAccount', 'a', 'b');
    }
  });
});
