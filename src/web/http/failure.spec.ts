import { QueryFailedError } from 'typeorm';
import { describeFailure } from './failure';

const failing = (code: string, more: object = {}) => Object.assign(new Error(`read ${code}`), { code, ...more });

describe('the failure of a database that is away', () => {
  it.each([
    ['a connection that was not made', failing('ECONNREFUSED', { fatal: true })],
    ['a question that was cut off', new QueryFailedError('SELECT 1', [], failing('ECONNRESET'))],
    ['a connection that was lost', failing('PROTOCOL_CONNECTION_LOST')],
  ])('is told of %s', (_what, error) => {
    expect(describeFailure(error)).toMatchObject({ status: 503, retryAfterSeconds: 60 });
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED'])('is not told of %s of anybody else', (code) => {
    expect(describeFailure(failing(code)).status).toBe(500);
    expect(describeFailure(failing(code, { syscall: 'read' })).retryAfterSeconds).toBeUndefined();
  });
});
