import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RoamhomeError } from '../../../src/errors/errors.ts';
import { EX, exitCodeOf } from '../../../src/errors/exit-codes.ts';

const folder = new URL('../../../systemd/', import.meta.url);
const services = readdirSync(folder)
  .filter((name) => name.endsWith('.service'))
  .map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const [, codes = ''] = /^SuccessExitStatus=(.*)$/m.exec(text) ?? [];
    return [name, codes.split(' ').map(Number)] as const;
  });

test('there is a service for each job', () => {
  expect(services.map(([name]) => name)).toEqual(
    ['checkpoint', 'pending', 'server', 'thin'].map((job) => `roamhome-${job}.service`),
  );
});

test.each(services)('%s that gives way to a login is no failed unit', (_name, success) => {
  expect(success).toContain(EX.TEMPFAIL);
});

test.each(services)('%s whose clock has leapt is a failed unit', (_name, success) => {
  const error = new RoamhomeError({ code: 'clock-leapt', message: 'm', remedy: 'r' });
  expect(success).not.toContain(exitCodeOf(error));
});
