import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readRows, withOwnTexts, type Columns } from '../../src/zfs/rows.ts';

const columns: Columns = { plain: ['name', 'guid'], texts: ['roamhome:conflict', 'roamhome:session'] };

/** What zfs prints of these datasets: each value as it is. */
const printed = (rows: readonly Dataset[], asked: Columns): string =>
  rows
    .map(({ name, guid, texts }) => [name, guid, ...(asked.texts.length === 0 ? [] : [...texts, ...texts])])
    .map((fields) => `${fields.join('\t')}\n`)
    .join('');

interface Dataset {
  readonly name: string;
  readonly guid: string;
  readonly texts: readonly [string, string];
}

const names = ['data/a', 'data/b', 'data/b@s', 'data/c'];
// Words of a row, and what parts words and rows: enough of them make any row.
const pieces = fc.constantFrom('\n', '\n', '\t', '\t', '\t', 'x', '-', '7', ...names);
const text = fc.oneof(
  fc.constantFrom('-', 'alice', ''),
  fc.array(pieces, { maxLength: 24 }).map((all) => all.join('')),
);
const listed = fc
  .subarray(names, { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map((name) =>
        fc.record({ name: fc.constant(name), guid: fc.constant('7'), texts: fc.tuple(text, text) }),
      ),
    ),
  );
const isPlain = ({ texts }: Dataset): boolean => texts.every((one) => !/[\t\n]/.test(one));

test('whatever stands in user properties, a list is the rows that there are, or is not believed', () => {
  fc.assert(
    fc.property(listed, (rows) => {
      const read = readRows(printed(rows, columns), columns);
      if (rows.every(isPlain))
        expect(read?.map(({ plain, texts }) => [...plain, ...(texts ?? [])])).toEqual(
          rows.map(({ name, guid, texts }) => [name, guid, ...texts]),
        );
      else expect(read).toBe(null);
    }),
    { numRuns: 20_000 },
  );
});

test('a text that is made for it adds no row: as many fields as fit, before and behind', () => {
  for (const [head, tail] of Array.from({ length: 36 }, (_, i) => [i % 6, Math.floor(i / 6)] as const)) {
    const fields = (count: number): string => Array.from({ length: count }, () => '-').join('\t');
    const forged = `${fields(head)}\ndata/c\t7\talice\t-\talice\t-\n${fields(tail)}`;
    for (const texts of [
      [forged, '-'],
      ['-', forged],
      [forged, forged],
    ] as const)
      expect(readRows(printed([{ name: 'data/a', guid: '7', texts }], columns), columns)).toBe(null);
  }
});

test('no dataset gets a text that somebody wrote for another one', () => {
  fc.assert(
    fc.property(listed, (rows) => {
      const plain = printed(rows, { plain: columns.plain, texts: [] });
      const read = withOwnTexts(plain, printed(rows, columns), columns);
      expect(read.map((row) => row.plain)).toEqual(rows.map(({ name, guid }) => [name, guid]));
      for (const [i, { texts }] of read.entries()) {
        const own = rows[i]!;
        if (texts !== null && isPlain(own)) expect(texts).toEqual(own.texts);
      }
    }),
    { numRuns: 20_000 },
  );
});
