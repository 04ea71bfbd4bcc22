import { LatchkeyError, messageOf, statusOf } from "latchkey";
import { callFrom, safeNext, sendCookies, signedIn } from "latchkey/express";
import { auth } from "./auth.js";
import { html, page } from "./html.js";

/** @typedef {import("latchkey/express").NodeAuth} Guards */

/** What people wrote. An application would have a table for it. @type {{ text: string, by: string }[]} */
const notes = [];

/**
 * The pages: plain HTML forms that work without JavaScript.
 *
 * @param {import("express").Express} app @param {Pick<Guards, "requireAuth" | "optionalAuth">} guards
 */
export function routes(app, { requireAuth, optionalAuth }) {
  app.get("/", optionalAuth(), (request, response) => {
    response.redirect(303, request.auth === undefined ? "/sign-in" : "/account");
  });

  app.get("/sign-in", (request, response) => {
    response.send(signInPage({ next: safeNext(request.query.next, "/account") }));
  });
  app.post("/sign-in", fromOurPages, async (request, response) => {
    const { email = "", password = "", next } = request.body ?? {};
    const result = await auth.api.signInEmail({ email, password, client: "web" }, callFrom(request));
    if (result.ok) {
      sendCookies(response, result);
      response.redirect(303, safeNext(next, "/account"));
    } else {
      refuse(response, result, signInPage({ next, email, refusal: result }));
    }
  });

  app.get("/sign-up", (_request, response) => {
    response.send(signUpPage({}));
  });
  app.post("/sign-up", fromOurPages, async (request, response) => {
    const { email = "", password = "", name } = request.body ?? {};
    const result = await auth.api.signUpEmail({ email, password, name, client: "web" }, callFrom(request));
    if (result.ok) {
      sendCookies(response, result);
      await setFlash(result.session.id, `Welcome, ${name || email}.`);
      response.redirect(303, "/account");
    } else {
      refuse(response, result, signUpPage({ email, name, refusal: result }));
    }
  });

  app.post("/sign-out", fromOurPages, async (request, response) => {
    const call = callFrom(request);
    const result = await auth.api.signOut(call.request, {}, call);
    if (result.ok) sendCookies(response, result);
    response.redirect(303, "/sign-in");
  });

  app.get("/account", requireAuth(), async (request, response) => {
    const { user, session, can } = signedIn(request);
    const flash = await takeFlash(session.id);
    response.cookie("seen", "1", { sameSite: "lax" }).set("Cache-Control", "no-store");
    response.send(accountPage({ id: user.id, mayWrite: can("note:write"), flash }));
  });

  app.post("/notes", requireAuth({ permission: "note:write" }), async (request, response) => {
    const { user, session } = signedIn(request);
    const { text = "" } = /** @type {Record<string, unknown>} */ (request.body ?? {});
    const note = { text: String(text).slice(0, 1000), by: user.id };
    notes.push(note);
    if (request.is("json")) {
      response.status(201).json(note);
    } else if (request.get("hx-request") !== undefined) {
      // HTMX replaces the list on the page by what it gets.
      response.send(noteList(user.id).text);
    } else {
      await setFlash(session.id, "Your note is kept.");
      response.redirect(303, "/account");
    }
  });
}

/**
 * Whether a form was sent by a page of ours. Where somebody is signed in, the guards ask this by themselves; a form that
 * signs in comes from nobody yet, and another site could sign its visitors in as somebody else.
 *
 * @type {import("express").RequestHandler}
 */
function fromOurPages(request, response, next) {
  const refusal = auth.checkOrigin(callFrom(request).request);
  if (refusal === undefined) return next();
  return refuse(response, refusal, page("Not accepted", html`<p>${messageOf(refusal.code)}</p>`));
}

/**
 * Where the database does not answer, `auth.api` throws: that is 503, not 500. All other errors are Express's to handle.
 *
 * @type {import("express").ErrorRequestHandler}
 */
export function faults(error, _request, response, next) {
  if (!(error instanceof LatchkeyError) || response.headersSent) return next(error);
  console.error(error);
  return refuse(response, error, page("Sorry", html`<p>${messageOf(error.code)}</p>`));
}

/** @param {import("express").Response} response @param {import("latchkey").Refusal | LatchkeyError} refusal @param {string} body */
function refuse(response, { code, retryAfter }, body) {
  if (retryAfter !== undefined) response.set("Retry-After", String(retryAfter));
  response.status(statusOf(code)).set("Cache-Control", "no-store").send(body);
}

/* ------------------------------------------------- a message for the next page -- */

/** @param {string} sessionId @param {string} flash */
async function setFlash(sessionId, flash) {
  await auth.api.updateSession({ sessionId, data: { flash } });
}

/** Shown once, even by two pages that are asked for at the same time. @param {string} sessionId */
async function takeFlash(sessionId) {
  /** @type {unknown} */
  let flash;
  await auth.api.updateSession({
    sessionId,
    update: ({ flash: found, ...others }) => {
      flash = found;
      return others;
    },
  });
  return flash;
}

/* ----------------------------------------------------------------------- pages -- */

/** @typedef {{ refusal?: import("latchkey").Refusal, email?: string }} Form */

/** @param {Form["refusal"]} refusal */
function alert(refusal) {
  return refusal === undefined ? "" : html`<p role="alert">${refusal.detail ?? messageOf(refusal.code)}</p>`;
}

/** @param {Form & { next?: string }} form */
function signInPage({ next, email, refusal }) {
  return page(
    "Sign in",
    html`${alert(refusal)}
<form method="post" action="/sign-in">
<input type="hidden" name="next" value="${next}">
<p><label>E-mail address <input name="email" type="email" autocomplete="username" required value="${email}"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button> or <a href="/sign-up">create an account</a></p>
</form>`,
  );
}

/** @param {Form & { name?: string }} form */
function signUpPage({ email, name, refusal }) {
  return page(
    "Create an account",
    html`${alert(refusal)}
<form method="post" action="/sign-up">
<p><label>Name <input name="name" autocomplete="name" value="${name}"></label></p>
<p><label>E-mail address <input name="email" type="email" autocomplete="username" required value="${email}"></label></p>
<p><label>Password <input name="password" type="password" autocomplete="new-password" required></label></p>
<p><button>Create</button></p>
</form>`,
  );
}

/** @param {{ id: string, mayWrite: boolean, flash: unknown }} state */
function accountPage({ id, mayWrite, flash }) {
  const form = html`<form method="post" action="/notes">
<p><label>Note <input name="text" required></label> <button>Keep</button></p>
</form>`;
  return page(
    "Your account",
    html`${flash === undefined ? "" : html`<p role="status">${flash}</p>`}
<p>You are ${id}.</p>
${noteList(id)}${mayWrite ? form : html`<p>An administrator can allow you to write notes.</p>`}
<form method="post" action="/sign-out"><button>Sign out</button></form>`,
  );
}

/** @param {string} id */
function noteList(id) {
  const mine = notes.filter(({ by }) => by === id);
  return html`<ul id="notes">${mine.map(({ text }) => html`<li>${text}</li>`)}</ul>`;
}
