/**
 * Puts the values into a template's `{{name}}`s. They are to be quoted for the file's format beforehand. Pure; throws
 * when the template asks for something that is not there, which is a mistake in the package.
 */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_all, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`a template asks for ${name}, which nobody gives`);
    return value;
  });
}
