import { describe, expect, test } from 'vitest';
import { isSetUp, minds, tellNotSetUp } from '../../../../src/cli/framework/set-up.ts';
import { sides } from '../../../../src/cli/framework/sides.ts';
import { defaultsFor } from '../../../../src/config/defaults.ts';
import { readLayer } from '../../../../src/config/layer.ts';
import { mergeLayers } from '../../../../src/config/merge.ts';
import { noServerError } from '../../../../src/config/no-server.ts';
import { isRoamhomeError } from '../../../../src/errors/errors.ts';

const loaded = (settings: unknown) => mergeLayers(defaultsFor('linux', 'x'), [readLayer('/f', settings)]);

test('a machine is set up once a source says anything of it, also something wrong', () => {
  expect(isSetUp(loaded({}))).toBe(false);
  expect(isSetUp({ origins: new Map([['local.macName', '/x/mac-name']]), mistakes: [] })).toBe(false);
  expect(isSetUp(loaded({ role: 'mac' }))).toBe(true);
  expect(isSetUp(loaded({ server: { port: 'x' } }))).toBe(true);
});

/** What a command says on a machine that is not set up. */
function told(command: string): string {
  const lines: string[] = [];
  try {
    tellNotSetUp(command, (line) => void lines.push(line));
  } catch (error) {
    if (!isRoamhomeError(error)) throw error;
    lines.push(`${error.code}: ${error.message}. ${error.remedy}`);
  }
  return lines.join('\n');
}

// What sets up, what undoes, and what looks at no home.
const silent = /^(?:provision |config |completion$|man$|uninstall$|notify$|schedule explain$)/;

test('every command that works with homes or the server tells a machine that is not set up', () => {
  const mind = Object.keys(sides).filter((command) => minds(command));
  expect(mind).toEqual(Object.keys(sides).filter((command) => !silent.test(command)));
});

describe('on a machine that is not set up', () => {
  test.each(Object.keys(sides).filter((command) => minds(command)))(
    '%s names the command that sets it up',
    (command) => {
      expect(told(command)).toContain('this machine is not set up');
      expect(told(command)).toContain('sudo roamhome provision client --server HOST');
    },
  );

  test.each(['login', 'logout', 'checkpoint'])('%s goes on: a home in use keeps its snapshots', (command) => {
    expect(() => {
      tellNotSetUp(command, () => undefined);
    }).not.toThrow();
  });

  test.each(['status', 'doctor', 'restore'])('%s ends there', (command) => {
    expect(told(command)).toMatch(/^config-invalid/);
  });
});

test('without a server the command is named, too', () => {
  expect(noServerError().remedy).toContain('sudo roamhome provision client --server HOST');
});
