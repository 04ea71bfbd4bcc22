import { problemResponse } from "../../write/problem.ts";
import { publicPost, type Route } from "../route.ts";
import { refreshBody, signedIn, signedOut, signInBody, signUpBody } from "../schemas.ts";
import { iso, showSignedIn, withCookies } from "../view.ts";

/** Coming and going. */
export const signInRoutes: readonly Route[] = [
  publicPost({
    path: "/sign-up/email",
    summary: "Make an account and sign in",
    body: signUpBody,
    answer: signedIn,
    status: 201,
    async handle({ api, body, from }) {
      const result = await api.signUpEmail(body, from);
      return result.ok ? showSignedIn(result, 201) : problemResponse(result);
    },
  }),
  publicPost({
    path: "/sign-in/email",
    summary: "Sign in with e-mail and password",
    body: signInBody,
    answer: signedIn,
    async handle({ api, body, from }) {
      const result = await api.signInEmail(body, from);
      return result.ok ? showSignedIn(result, 200) : problemResponse(result);
    },
  }),
  publicPost({
    path: "/refresh",
    summary: "Get the next pair of tokens for a refresh token",
    body: refreshBody,
    answer: signedIn,
    async handle({ api, body = {}, from }) {
      const result = await api.refresh(body, from);
      return result.ok ? showSignedIn(result, 200) : problemResponse(result);
    },
  }),
  publicPost({
    path: "/sign-out",
    summary: "End the session that the request carries; also when already signed out",
    body: refreshBody,
    answer: signedOut,
    bearerAlone: true,
    async handle({ api, request, body = {}, from }) {
      const result = await api.signOut(request, body, from);
      if (!result.ok) return problemResponse(result);
      const until = result.until === undefined ? {} : { until: iso(result.until) };
      return withCookies(Response.json({ success: true, ...until }), result.setCookies);
    },
  }),
];
