/** Calls what belongs to the application. Whether it fails at once or later is told, and stops nothing here. */
export function callOut(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    Promise.resolve(call()).catch(failed);
  } catch (error) {
    failed(error);
  }
}
