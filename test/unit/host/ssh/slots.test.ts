import { expect, test } from 'vitest';
import { Slots } from '../../../../src/host/ssh/slots.ts';

const patient = new AbortController().signal;

test('so many at a time, the others in turn', async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const first = await slots.take(patient);
  const second = await slots.take(patient);
  const third = slots.take(patient).then((giveBack) => {
    order.push('third');
    giveBack();
  });
  const fourth = slots.take(patient).then((giveBack) => {
    order.push('fourth');
    giveBack();
  });
  order.push('full');
  second();
  await Promise.all([third, fourth]);
  expect(order).toEqual(['full', 'third', 'fourth']);
  first();
});

test('giving back twice frees one slot', async () => {
  const slots = new Slots(1);
  const giveBack = await slots.take(patient);
  giveBack();
  giveBack();
  await slots.take(patient);
  const stop = new AbortController();
  const waiting = slots.take(stop.signal);
  stop.abort(new Error('given up'));
  await expect(waiting).rejects.toThrow('given up');
});

test('one that gives up waiting does not keep its place', async () => {
  const slots = new Slots(1);
  const giveBack = await slots.take(patient);
  const stop = new AbortController();
  const impatient = slots.take(stop.signal);
  const next = slots.take(patient);
  stop.abort(new Error('given up'));
  await expect(impatient).rejects.toThrow('given up');
  giveBack();
  await expect(next).resolves.toBeTypeOf('function');
});

test('one that gives up just as its turn comes passes the slot on', async () => {
  const slots = new Slots(1);
  const giveBack = await slots.take(patient);
  const stop = new AbortController();
  const impatient = slots.take(stop.signal);
  stop.abort(new Error('given up'));
  giveBack();
  await expect(impatient).rejects.toThrow('given up');
  await expect(slots.take(patient)).resolves.toBeTypeOf('function');
});
