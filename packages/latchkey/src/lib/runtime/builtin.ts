/** The modules of Node that are used where a runtime has them. */
interface Builtins {
  readonly "node:buffer": typeof import("node:buffer");
  readonly "node:crypto": typeof import("node:crypto");
  readonly "node:os": typeof import("node:os");
}

/** What is asked of a process. */
type Loader = { readonly getBuiltinModule?: (name: string) => unknown };

/**
 * A module of Node's without an import that other runtimes would refuse; undefined: there is none. Next's edge runtime
 * has a function that throws in place of each of the process's.
 */
export function builtin<Name extends keyof Builtins>(
  name: Name,
  process: Loader | undefined = globalThis.process,
): Builtins[Name] | undefined {
  try {
    return process?.getBuiltinModule?.(name) as Builtins[Name] | undefined;
  } catch {
    return undefined;
  }
}
