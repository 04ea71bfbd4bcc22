import { ask, type Sent } from "./servers.ts";

/** How long each request, and each answer, is under way: milliseconds. */
const delays = { shortest: 50, longest: 800 };
const tabs = 5;

/** A browser: five tabs that share a cookie jar. */
export interface Browser {
  /** By name. Written in the order in which answers arrive, as browsers do. */
  readonly jar: Map<string, string>;
  /** What signed it out: the code of an answer. */
  signedOut?: string;
  refreshes: number;
  /** How often the server could not tell. */
  unavailable: number;
  /** The refresh tokens that it was given. */
  readonly held: Set<string>;
  /** The longest that the server took for an answer, in ms. */
  slowest: number;
}

/** Cookies as an answer sets them. */
export function keepCookies(jar: Map<string, string>, setCookies: readonly string[] = []): void {
  for (const cookie of setCookies) {
    const [name = "", value = ""] = (cookie.split(";", 1)[0] ?? "").split("=", 2);
    if (value === "") jar.delete(name);
    else jar.set(name, value);
  }
}

/** The five tabs of a browser at work until it is time: each asks, and where its access token expired it refreshes. */
export async function browse(url: string, browser: Browser, until: number): Promise<void> {
  await Promise.all(Array.from({ length: tabs }, () => useTab(url, browser, until)));
}

async function useTab(url: string, browser: Browser, until: number): Promise<void> {
  await pauseUpTo(500);
  while (performance.now() < until && browser.signedOut === undefined) {
    const seen = await send(url, browser, { path: "/api/me" });
    if (seen.status === 401 && seen.code === "access_expired") {
      browser.refreshes++;
      const refreshed = await send(url, browser, { path: "/api/auth/refresh", body: {} });
      note(browser, "refresh", refreshed);
    } else {
      note(browser, "check", seen);
    }
    // Some tabs are looked at, others lie in the background for a while.
    const longest = Math.random() < 0.2 ? 2000 : 300;
    await pauseUpTo(Math.min(longest, Math.max(0, until - performance.now())));
  }
}

/** 503 is none: the tab tries again. */
function note(browser: Browser, what: string, { status, code }: Seen): void {
  if (status === 503) browser.unavailable++;
  else if (status !== 200) browser.signedOut ??= `${what}: ${status} ${code}`;
}

interface Seen {
  readonly status: number;
  readonly code: string | undefined;
}

/** A request takes the cookies along that are there when it leaves; what an answer sets counts when it arrives. */
async function send(url: string, browser: Browser, sent: Sent): Promise<Seen> {
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  await onTheWay();
  const headers = { cookie, origin: url, "sec-fetch-site": "same-origin" };
  const left = performance.now();
  const { status, headers: given, body } = await ask(url, { ...sent, headers });
  browser.slowest = Math.max(browser.slowest, performance.now() - left);
  await onTheWay();
  keepCookies(browser.jar, given["set-cookie"]);
  for (const [name, value] of browser.jar) if (name.endsWith("-refresh")) browser.held.add(value);
  return { status, code: body.code };
}

function onTheWay(): Promise<void> {
  const { shortest, longest } = delays;
  return pause(shortest + Math.random() * (longest - shortest));
}

function pauseUpTo(milliseconds: number): Promise<void> {
  return pause(Math.random() * milliseconds);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
