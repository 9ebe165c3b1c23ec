import { describe, expect, test, vi } from 'vitest';
import { DroppedEarly, retryDelayMs, retryDropped } from '../../../../src/host/ssh/connect-retry.ts';

const neverAborted = new AbortController().signal;

test('an attempt that is dropped early is repeated', async () => {
  const attempt = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new DroppedEarly('1'))
    .mockRejectedValueOnce(new DroppedEarly('2'))
    .mockResolvedValue('in');
  await expect(retryDropped(attempt, { random: () => 0, signal: neverAborted })).resolves.toBe('in');
  expect(attempt).toHaveBeenCalledTimes(3);
});

test('any other failure is not', async () => {
  const attempt = vi.fn<() => Promise<string>>().mockRejectedValue(new Error('refused'));
  await expect(retryDropped(attempt, { random: () => 0, signal: neverAborted })).rejects.toThrow('refused');
  expect(attempt).toHaveBeenCalledTimes(1);
});

test('the signal ends a pause, with its own reason', async () => {
  const controller = new AbortController();
  const attempt = (): Promise<string> => {
    queueMicrotask(() => {
      controller.abort(new Error('out of time'));
    });
    return Promise.reject(new DroppedEarly('dropped'));
  };
  await expect(retryDropped(attempt, { random: () => 0.99, signal: controller.signal })).rejects.toThrow(
    'out of time',
  );
});

describe('the pause', () => {
  test.each([
    [1, 0, 50],
    [1, 1, 100],
    [2, 1, 200],
    [5, 1, 1600],
    [6, 1, 2000],
    [50, 1, 2000],
    [50, 0, 1000],
  ])('before attempt %i with %d drawn is %i ms', (attempt, drawn, ms) => {
    expect(retryDelayMs(attempt, () => drawn)).toBe(ms);
  });
});
