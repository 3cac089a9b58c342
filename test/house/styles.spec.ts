import { usedRules, withoutComments, withoutOwnPictures } from '../tools/styles.mjs';

describe('style sheets', () => {
  it('keep the rules of a framework that a page can use', () => {
    const css =
      ':root{--a:1}.btn,.gone{a:1}.gone .btn{a:2}.btn-primary:not(.off,.btn-lost){a:3}@media (min-width:1px){.gone{a:4}.w-100{a:5}}@media print{.gone{a:6}}' +
      '@keyframes gone{0%{a:7}}h1,.mt-1\\.5{a:8}.alert-bad{a:9}.is-on{a:10}.col-2{a:11}';
    const sources = '<a class="btn btn-primary off w-100 alert-{{kind}}"> \'is-\' + state `col-${count}`';
    expect(usedRules(css, sources)).toBe(
      ':root{--a:1}.btn{a:1}.btn-primary:not(.off,.btn-lost){a:3}@media (min-width:1px){.w-100{a:5}}@keyframes gone{0%{a:7}}h1{a:8}.alert-bad{a:9}.is-on{a:10}.col-2{a:11}',
    );
  });

  it('lose comments and line breaks, and nothing else', () => {
    expect(withoutComments('/* a */\n.a {\n  b: c d;\n}\n\n.e > .f { g: h } /* i\nj */')).toBe('.a{b: c d;}.e > .f{g: h}');
  });

  it('lose pictures that no page may show', () => {
    const css = `.a{--b:url("data:image/svg+xml,%3csvg xmlns='http://a'/%3e");c:d}.e{f:g;background-image:url("data:,;")}.h{i:url("j.png")}`;
    expect(withoutOwnPictures(css)).toBe('.a{c:d}.e{f:g;}.h{i:url("j.png")}');
  });

  it('that break off are no style sheets', () => {
    expect(() => usedRules('.a{b:c', 'a')).toThrow('has no end');
  });
});
