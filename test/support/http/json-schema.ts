/** The part of JSON Schema (2020-12) that the OpenAPI document uses; a keyword it does not know is a fault. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

const known = new Set([
  "$ref",
  "type",
  "enum",
  "const",
  "format",
  "pattern",
  "properties",
  "required",
  "additionalProperties",
  "propertyNames",
  "items",
  "anyOf",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "description",
  "examples",
  "default",
]);

/** What is wrong with a value, as `path: fault`; empty if it fits. `components`: the document's schemas by name. */
export function findMismatches(
  schema: JsonSchema,
  value: unknown,
  components: { readonly [name: string]: JsonSchema },
  path = "$",
): readonly string[] {
  if (schema.$ref !== undefined) {
    const target = components[schema.$ref.replace("#/components/schemas/", "")];
    return target === undefined
      ? [`${path}: ${schema.$ref} points nowhere`]
      : findMismatches(target, value, components, path);
  }
  if (schema.anyOf !== undefined) {
    const faults = schema.anyOf.map((one) => findMismatches(one, value, components, path));
    return faults.some((list) => list.length === 0) ? [] : faults.flat();
  }
  const unknown = Object.keys(schema).filter((keyword) => !known.has(keyword));
  return [
    ...unknown.map((keyword) => `${path}: the test does not know the keyword ${keyword}`),
    ...plainFaults(schema, value, path),
    ...memberFaults(schema, value, components, path),
  ];
}

function plainFaults(schema: JsonSchema, value: unknown, path: string): string[] {
  const faults: string[] = [];
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.some((type) => isOfType(type, value)))
    faults.push(`${path}: ${JSON.stringify(value)} is not of type ${types.join(" or ")}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) faults.push(`${path}: not in the enum`);
  if ("const" in schema && schema.const !== value) faults.push(`${path}: not the constant`);
  if (typeof value === "string") {
    if (schema.format === "date-time" && new Date(value).toISOString() !== value)
      faults.push(`${path}: ${value} is no time`);
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value))
      faults.push(`${path}: ${value} does not match its pattern`);
  }
  return faults;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "integer") return Number.isInteger(value);
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

function memberFaults(
  schema: JsonSchema,
  value: unknown,
  components: { readonly [name: string]: JsonSchema },
  path: string,
): readonly string[] {
  const { properties = {}, required = [], additionalProperties = true, items } = schema;
  if (Array.isArray(value)) {
    if (items === undefined) return [];
    return value.flatMap((item, i) => findMismatches(items, item, components, `${path}[${i}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  const missing = required.filter((name) => !Object.hasOwn(value, name));
  const faults = Object.entries(value).flatMap(([name, member]) => {
    const declared = properties[name] ?? additionalProperties;
    if (declared === true) return [];
    if (declared === false) return [`${path}.${name}: not declared`];
    return findMismatches(declared, member, components, `${path}.${name}`);
  });
  return [...missing.map((name) => `${path}.${name}: missing`), ...faults];
}
