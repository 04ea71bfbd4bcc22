import { html } from "hono/html";
import type { Markup, Page } from "./site.ts";

/** The front page of `--demo`: what to try, with commands that can be pasted. */
export function demoPage(baseURL: string): Page {
  const person = '"email":"ada@example.org","password":"correct horse staple"';
  const signIn = `curl ${baseURL}/api/auth/sign-in/email --json \\\n  `;
  const body = html`<h1>Latchkey, the demo</h1>
<p>One account, one protected route, and several ways to carry a sign-in. Try the pages first:
<a href="/sign-up">create an account</a> and look at <a href="/account">your devices</a>. Then sign in from a
terminal and sign that device out from the page.</p>
<h2>Sign up</h2>
${command("Sign up", `curl ${baseURL}/api/auth/sign-up/email --json \\\n  '{${person}}'`)}
<h2>Sign in with a session token</h2>
${command("Sign in with a session token", `${signIn}'{${person},\n    "client":"session"}'`)}
<p>The answer holds a <code>sessionToken</code>.</p>
<h2>Or with a JWT</h2>
${command("Sign in with a JWT", `${signIn}'{${person},\n    "client":"jwt"}'`)}
<p>The answer holds an <code>accessToken</code>, and a <code>refreshToken</code> for the next one. The clients
<code>jwt-denylist</code> and <code>jwt-allowlist</code> answer alike; what differs is how they are revoked.</p>
<h2>Ask who you are</h2>
${command("Ask who you are", `curl ${baseURL}/api/me -H "Authorization: Bearer $TOKEN"`)}
<p>The same route takes them all. A session that was signed out is refused at once, and so is a JWT of
<code>jwt-denylist</code> or <code>jwt-allowlist</code>. A plain JWT cannot be taken back: signed out, it is refreshed no
more, but good until it expires, which is the price of checking it without a look-up.</p>
<h2>Read on</h2>
<p>All routes: <a href="/openapi.json">openapi.json</a>. Public keys:
<a href="/.well-known/jwks.json">jwks.json</a>.</p>`;
  return { title: "Demo", body, wide: true };
}

/** A command to paste. It can be scrolled, so the keyboard must reach it. */
function command(label: string, text: string): Markup {
  return html`<pre role="region" tabindex="0" aria-label="${label}"><code>${text}</code></pre>`;
}
