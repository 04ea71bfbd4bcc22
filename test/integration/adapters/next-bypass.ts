import { admin } from "./open-site.ts";
import type { Seen, Visitor } from "./visitor.ts";

/** Pages of the example, and what stands on nothing else. */
export const protectedPaths: readonly { readonly path: string; readonly marker: string }[] = [
  { path: "/account", marker: "Notes" },
  { path: "/admin", marker: admin.email },
  { path: "/me", marker: '"session"' },
];

/**
 * Headers by which requests have got past the guards of Next and of libraries for it (CVE-2025-29927, CVE-2026-44573 and
 * what followed, GHSA-35w3), and those that Next uses inside.
 */
function tricks(path: string): readonly Record<string, string>[] {
  const deep = (name: string): string => Array(6).fill(name).join(":");
  return [
    {},
    ...["middleware", "src/middleware", "proxy", "src/proxy", "pages/_middleware"].map((name) => ({
      "x-middleware-subrequest": deep(name),
    })),
    { rsc: "1" },
    { rsc: "1", "next-router-prefetch": "1" },
    { rsc: "1", "next-router-prefetch": "1", "next-router-segment-prefetch": "/_tree" },
    { rsc: "1", "next-router-segment-prefetch": `${path}/__PAGE__` },
    { "x-middleware-next": "1", "x-middleware-skip": "1" },
    { "x-middleware-override-headers": "cookie", "x-middleware-request-cookie": "latchkey-web=x" },
    {
      "x-middleware-set-cookie": "latchkey-web=x",
      "x-middleware-rewrite": path,
      "x-middleware-refresh": "1",
    },
    { "x-invoke-path": path, "x-invoke-status": "200", "x-invoke-output": path, "x-matched-path": path },
    { "x-now-route-matches": "1", "x-nextjs-data": "1", "next-resume": "1", purpose: "prefetch" },
    { "x-action-forwarded": "1", "next-action": "00".repeat(21) },
    { "x-latchkey-target": "/", "x-latchkey-user": "root", "x-user-id": "root", authorization: "Bearer x" },
  ];
}

/** Ways to write a path. */
function spellings(path: string): readonly string[] {
  const name = path.slice(1);
  const encoded = `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`;
  return [
    ...[
      path,
      `/${path}`,
      `${path}/`,
      `/.${path}`,
      `/%2e${path}`,
      `/x/..${path}`,
      `/x/%2e%2e${path}`,
      `/${encoded}`,
    ],
    ...[`${path}%2f`, `${path};x`, `${path}.rsc`, `${path}.txt`, `${path}.segments/_tree.segment.rsc`],
    ...[`${path}.segments/${name}/__PAGE__.segment.rsc`, `/_next/data/build${path}.json`, `/en${path}`],
    ...[
      `${path}?_rsc=1`,
      `${path}?__nextLocale=en&nxtPpath=x`,
      `/_next/..${path}`,
      path.toUpperCase(),
      `\\${name}`,
    ],
  ];
}

/** Every trick on the path as it is, and every spelling of it, for a page and for what Next's router asks for. */
export function attempts(path: string): readonly { target: string; headers: Record<string, string> }[] {
  const spelled = spellings(path).flatMap((target) =>
    [{}, { rsc: "1" }].map((headers) => ({ target, headers })),
  );
  return [...tricks(path).map((headers) => ({ target: path, headers })), ...spelled];
}

/**
 * Asks as Next's router does: its requests carry a sum of their headers in the address, and are led there if they do not.
 * `look` sees the first answer.
 */
export async function visit(
  visitor: Visitor,
  target: string,
  headers: Record<string, string>,
  look: (seen: Seen) => void = () => undefined,
): Promise<Seen> {
  const seen = await visitor.get(target, headers);
  look(seen);
  const location = seen.headers.get("location");
  return location?.includes("_rsc") && !target.includes("_rsc") ? visitor.get(location, headers) : seen;
}

/** The form of an action as a browser without JavaScript sends it. */
export interface ActionForm {
  readonly headers: Record<string, string>;
  /** By which Next's script calls it instead, with the arguments as JSON. */
  readonly byScript: Record<string, string>;
  body(text: string): string;
}

/** A form of a page, the last one by default: the fields that Next gave it, and one of the user's. */
export function actionIn(html: string, which = -1): ActionForm {
  const form = html.split("<form").slice(1).at(which) ?? "";
  const fields = [...form.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)];
  const boundary = "----latchkey";
  const part = (name: string, value: string): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  return {
    byScript: {
      "next-action": fields[0]?.[1]?.replace("$ACTION_ID_", "") ?? "",
      "content-type": "text/plain",
    },
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
    body: (text) =>
      [
        ...fields.map(([, name = "", value = ""]) => part(name, value)),
        part("text", text),
        `--${boundary}--`,
      ].join(""),
  };
}
