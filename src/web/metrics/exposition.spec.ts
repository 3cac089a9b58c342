import { exposed, type Sample } from './exposition';

describe('exposed', () => {
  it('writes names, labels and values as Prometheus reads them', () => {
    const samples: Sample[] = [
      { labels: { runner: 'a "b"\\\n' }, value: 1.5 },
      { suffix: '_bucket', labels: { le: '+Inf' }, value: 3 },
    ];
    expect(exposed([{ name: 'x', type: 'gauge', help: 'One\nline.', samples }])).toBe(
      '# HELP x One\\nline.\n# TYPE x gauge\nx{runner="a \\"b\\"\\\\\\n"} 1.5\nx_bucket{le="+Inf"} 3\n',
    );
  });

  it('writes what is no number', () => {
    const samples = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => ({ value }));
    expect(exposed([{ name: 'x', type: 'gauge', help: 'h', samples }])).toContain('\nx NaN\nx +Inf\nx -Inf\n');
  });
});
