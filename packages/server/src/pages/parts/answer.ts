import type { Context } from "hono";
import { html } from "hono/html";
import { assets } from "../../assets.ts";
import type { Markup, Page } from "../site.ts";
import { logo } from "./logo.ts";

/** Answers with a page. Nobody keeps a copy: the back button must not show what signing out took away. */
export function showPage(c: Context, page: Page): Response | Promise<Response> {
  c.header("cache-control", "no-store, private");
  if (page.retryAfter !== undefined) c.header("retry-after", String(page.retryAfter));
  c.status((page.status ?? 200) as Parameters<typeof c.status>[0]);
  return c.html(frame(page));
}

/** 303: the browser goes on with GET, and a reload does not send the form again (RFC 9110, section 15.4.4). */
export function goTo(c: Context, path: string, setCookies: readonly string[] = []): Response {
  for (const cookie of setCookies) c.header("set-cookie", cookie, { append: true });
  c.header("cache-control", "no-store, private");
  return c.redirect(path, 303);
}

function frame({ title, body, corner, wide }: Page): Markup {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Latchkey</title>
<link rel="icon" href="${assets.icon.path}" type="image/svg+xml">
<link rel="stylesheet" href="${assets.style.path}">
</head>
<body class="${wide ? "wide" : "narrow"}">
<header class="top">
<a class="brand" href="/">${logo} Latchkey</a>
${corner}
</header>
<main>
${body}
</main>
</body>
</html>
`;
}
