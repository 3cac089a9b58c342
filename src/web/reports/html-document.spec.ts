import { placeOfGuard } from './html-document';

describe('placeOfGuard', () => {
  it.each([
    ['<!doctype html><p>', 15],
    ['\n <!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN">x', 59],
    ['<html><!doctype html>', 0],
    ['<!-- a comment -->\n<!doctype html><p>', 34],
    ['<!--><script>evil()</script>--><!doctype html>', 0],
    ['<!-- a --!><script>evil()</script> --><!doctype html>', 0],
    ['\u{feff}<!doctype html><p>', 18],
    ['\u{feff}<script>evil()</script>', 3],
    ['', 0],
  ])('stands before every element of %j', (text, place) => expect(placeOfGuard(Buffer.from(text))).toBe(place));

  it.each([Buffer.from('\u{feff}<!doctype html>', 'utf16le'), Buffer.from('<script>evil()</script>', 'utf16le')])(
    'is nowhere in UTF-16',
    (text) => expect(placeOfGuard(text)).toBeNull(),
  );
});
