import { failureShape, shapes } from '../../../src/cli/framework/json-shapes.ts';

/** Parses what a command printed with `--json`, as what docs/reference/json.md says of it. Throws where it is anything else. */
export function documentOf(name: string, printed: string): Readonly<Record<string, unknown>> {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`no shape for ${name}`);
  return shape.parse(JSON.parse(printed));
}

/** The same of a command that could not begin. */
export function failureOf(printed: string): ReturnType<typeof failureShape.parse> {
  return failureShape.parse(JSON.parse(printed));
}
