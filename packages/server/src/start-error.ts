/**
 * What stops a command and can be mended by whoever gave it. Printed as one message, without a stack: the place in our
 * code says nothing about the remedy. Exit code 2: a setting or an argument is wrong; 1: the machine is in the way.
 */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exitCode = exitCode;
  }
}

/** A wrong setting: which one, what it is, and what to do. `shown` never holds a secret. */
export function mistake(option: string, shown: string, remedy: string): StartError {
  return new StartError(`${option} is ${shown}: ${remedy}`, 2);
}

/** The `code` of a Node system error, e.g. `EADDRINUSE`; "" for everything else. */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
