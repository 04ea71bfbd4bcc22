import Bowser from "bowser";

/** A user agent as people say it, e.g. "Firefox on Linux"; null if it says nothing known. */
export function readableDevice(userAgent: string | null): string | null {
  if (userAgent === null || userAgent === "") return null;
  const { browser, os } = Bowser.parse(userAgent);
  if (browser.name === undefined || browser.name === "") return os.name ?? null;
  return os.name === undefined ? browser.name : `${browser.name} on ${os.name}`;
}
