import { html } from "hono/html";
import type { Page } from "./site.ts";

/** The front page of `--demo`: what to try, with commands that can be pasted. */
export function demoPage(baseURL: string): Page {
  const body = html`<h1>Latchkey, the demo</h1>
<p>One account, four ways to carry a sign-in. Try the pages first:
<a href="/sign-up">create an account</a>, look at <a href="/account">your devices</a>, then sign in once more with curl
and sign that one out from the page.</p>
<h2>Sign up</h2>
<pre tabindex="0" aria-label="Sign up with curl"><code>curl ${baseURL}/api/auth/sign-up/email \\
  --json '{"email":"ada@example.org","password":"correct horse staple"}'</code></pre>
<h2>Sign in with a session token, or with a JWT</h2>
<pre tabindex="0" aria-label="Sign in with curl"><code>curl ${baseURL}/api/auth/sign-in/email \\
  --json '{"email":"ada@example.org","password":"correct horse staple","client":"session"}'
curl ${baseURL}/api/auth/sign-in/email \\
  --json '{"email":"ada@example.org","password":"correct horse staple","client":"jwt"}'</code></pre>
<p>The first answers with a <code>sessionToken</code>, the second with an <code>accessToken</code>.</p>
<h2>Ask who you are</h2>
<pre tabindex="0" aria-label="Ask who you are with curl"><code>curl ${baseURL}/api/me -H "Authorization: Bearer $TOKEN"</code></pre>
<p>The same route and the same code accept both. Sign the device out and ask again: the session is refused at once,
the JWT until it expires.</p>
<h2>Read on</h2>
<p>All routes: <a href="/openapi.json">openapi.json</a>. Public keys:
<a href="/.well-known/jwks.json">jwks.json</a>.</p>`;
  return { title: "Demo", body, wide: true };
}
