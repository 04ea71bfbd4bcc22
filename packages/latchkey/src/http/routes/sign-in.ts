import { problemResponse } from "../../write/problem.ts";
import { publicPost, type Route } from "../route.ts";
import { emptyBody, signedIn, signedOut, signInBody, signUpBody } from "../schemas.ts";
import { iso, showSignedIn, withCookies } from "../view.ts";

/** Coming and going. */
export const signInRoutes: readonly Route[] = [
  publicPost({
    path: "/sign-up/email",
    summary: "Make an account and sign in",
    body: signUpBody,
    answer: signedIn,
    status: 201,
    async handle({ api, request, connection, body }) {
      const result = await api.signUpEmail(body, { request, remoteAddress: connection.remoteAddress });
      return result.ok ? showSignedIn(result, 201) : problemResponse(result);
    },
  }),
  publicPost({
    path: "/sign-in/email",
    summary: "Sign in with e-mail and password",
    body: signInBody,
    answer: signedIn,
    async handle({ api, request, connection, body }) {
      const result = await api.signInEmail(body, { request, remoteAddress: connection.remoteAddress });
      return result.ok ? showSignedIn(result, 200) : problemResponse(result);
    },
  }),
  publicPost({
    path: "/sign-out",
    summary: "End the session that the request carries; also when already signed out",
    body: emptyBody,
    answer: signedOut,
    bearerAlone: true,
    async handle({ api, request }) {
      const result = await api.signOut(request);
      if (!result.ok) return problemResponse(result);
      const until = result.until === undefined ? {} : { until: iso(result.until) };
      return withCookies(Response.json({ success: true, ...until }), result.setCookies);
    },
  }),
];
