import * as z from 'zod';
import { configSchema } from './schema.ts';

/** One setting: its schema, what it does and what is allowed in words, and how text on a command line becomes its value. */
export interface Leaf {
  readonly schema: z.ZodType;
  /** A sentence or two. */
  readonly does: string;
  /** The commands that read it. */
  readonly readBy: string;
  readonly allowed: string;
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'map';
}

/** A section of settings or a setting. */
export type Node = Leaf | ReadonlyMap<string, Node>;

function typeOf(schema: z.ZodType): Leaf['type'] {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodNumber) return 'number';
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodArray) return 'list';
  if (inner instanceof z.ZodRecord) return 'map';
  return 'text';
}

function allowedBy(schema: z.ZodType): string {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const { description } = inner as z.ZodType;
  // A setting without words for what is allowed is a mistake in schema.ts, caught by the first test that loads it.
  if (description === undefined) throw new Error('a setting of the schema has no description');
  return description;
}

function toldOf(schema: z.ZodType): Pick<Leaf, 'does' | 'readBy'> {
  const { does, readBy } = schema.meta() ?? {};
  if (typeof does !== 'string' || typeof readBy !== 'string')
    throw new Error('a setting of the schema does not say what it does');
  return { does, readBy };
}

function nodesOf(shape: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, Node> {
  return new Map(
    Object.entries(shape).map(([key, schema]): [string, Node] => [
      key,
      schema instanceof z.ZodObject
        ? nodesOf(schema.shape as Readonly<Record<string, z.ZodType>>)
        : { schema, ...toldOf(schema), allowed: allowedBy(schema), type: typeOf(schema) },
    ]),
  );
}

/** The schema as a tree of sections and settings, in the schema's order. */
export const settings: ReadonlyMap<string, Node> = nodesOf(configSchema.shape);

/** True for a section. */
export function isSection(node: Node): node is ReadonlyMap<string, Node> {
  return node instanceof Map;
}

function* walk(nodes: ReadonlyMap<string, Node>, prefix: string): Generator<[string, Leaf]> {
  for (const [key, node] of nodes) {
    if (isSection(node)) yield* walk(node, `${prefix}${key}.`);
    else yield [`${prefix}${key}`, node];
  }
}

/** Every setting by its dotted key (`server.port`), in the schema's order. */
export const leaves: ReadonlyMap<string, Leaf> = new Map(walk(settings, ''));
