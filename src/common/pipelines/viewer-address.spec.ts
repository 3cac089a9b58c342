import { fillViewerAddress, isViewerAddress } from './viewer-address';

describe('addresses of viewers', () => {
  it.each([
    'https://viewer.test/v.html?csv={url}',
    'http://lab1:8090/v.html?csv={url}&bitDepth=8',
    'https://viewer.test/#/open/{url}/{name}',
    'http://[::1]:80/?u={url}',
  ])('may be %s', (template) => expect(isViewerAddress(template)).toBe(true));

  it.each([
    '',
    'https://viewer.test/',
    'javascript:alert({url})',
    '{url}',
    'https://{name}.test/{url}',
    'https://viewer.test{url}',
    'https://me:secret@viewer.test/{url}',
    'https://viewer.test/{url}?{other}',
    '/v.html?csv={url}',
  ])('may not be %j', (template) => expect(isViewerAddress(template)).toBe(false));

  it('keep a name one value, whatever it holds', () => {
    const places = { url: 'http://a/b?c=d', name: '$& a&b=c#d {url} \ud800.csv' };
    expect(fillViewerAddress('https://v.test/?u={url}&n={name}', places)).toBe(
      'https://v.test/?u=http%3A%2F%2Fa%2Fb%3Fc%3Dd&n=%24%26%20a%26b%3Dc%23d%20%7Burl%7D%20%EF%BF%BD.csv',
    );
  });
});
