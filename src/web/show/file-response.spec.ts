import { contentDisposition } from './file-response';

describe('contentDisposition', () => {
  it.each([
    ['cells.csv', 'attachment; filename="cells.csv"'],
    ['a b.csv', 'attachment; filename="a b.csv"'],
    ['Größe µm.csv', `attachment; filename="Gr__e _m.csv"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%C2%B5m.csv`],
    ['a"b\\c.csv', `attachment; filename="a_b_c.csv"; filename*=UTF-8''a%22b%5Cc.csv`],
    ['a\r\nX-Evil: 1', `attachment; filename="a__X-Evil: 1"; filename*=UTF-8''a%0D%0AX-Evil%3A%201`],
    ["100%'(x)", `attachment; filename="100_'(x)"; filename*=UTF-8''100%25%27%28x%29`],
    ['\u{d800}.txt', `attachment; filename="_.txt"; filename*=UTF-8''%EF%BF%BD.txt`],
  ])('%j', (name, header) => expect(contentDisposition('attachment', name)).toBe(header));
});
