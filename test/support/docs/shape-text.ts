import * as z from 'zod';

/** What of a JSON Schema a shape of ours comes to. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
}

/**
 * A shape as lines like a type of TypeScript, each field on its own, with what is said of it behind. `named`: shapes that have a name.
 */
export function shapeText(shape: z.ZodType, named: ReadonlyMap<string, string> = new Map()): string {
  const text = (schema: Schema, indent: string): string => {
    const { description: _description, ...plain } = schema;
    const name = named.get(JSON.stringify(plain));
    if (name !== undefined) return name;
    if (schema.anyOf !== undefined) return schema.anyOf.map((one) => text(one, indent)).join(' | ');
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
    if (typeof schema.type === 'object') return schema.type.join(' | ').replace('integer', 'number');
    switch (schema.type) {
      case 'array': {
        const item = text(schema.items ?? {}, indent);
        return item.includes(' | ') && !item.startsWith('{') ? `(${item})[]` : `${item}[]`;
      }
      case 'object':
        return objectText(schema, indent);
      case undefined:
        return 'anything';
      default:
        return schema.type === 'integer' ? 'number' : schema.type;
    }
  };
  const objectText = (schema: Schema, indent: string): string => {
    const inner = `${indent}  `;
    if (schema.properties === undefined)
      return typeof schema.additionalProperties === 'object'
        ? `{ [name]: ${text(schema.additionalProperties, indent)} }`
        : '{}';
    const lines = Object.entries(schema.properties).map(([name, field]) => {
      const isOptional = schema.required?.includes(name) !== true;
      const said = field.description === undefined ? '' : ` // ${field.description}`;
      return `${inner}${name}${isOptional ? '?' : ''}: ${text(field, inner)}${said}`;
    });
    return ['{', ...lines, `${indent}}`].join('\n');
  };
  return text(z.toJSONSchema(shape) as Schema, '');
}

/** How `shapeText` finds a shape that has a name. */
export function shapeKey(shape: z.ZodType): string {
  const {
    $schema: _schema,
    description: _description,
    ...plain
  } = z.toJSONSchema(shape) as Schema & {
    readonly $schema?: string;
  };
  return JSON.stringify(plain);
}
