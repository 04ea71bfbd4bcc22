import { type Context, Hono } from "hono";
import { type AuthEnv, honoAuth, sendCookies } from "latchkey/hono";
import { describe, expect, test } from "vitest";
import { makeStage, password, signUp } from "../../support/stage.ts";

const clients = { web: { transport: "cookie", strategy: "jwt-allowlist" } } as const;
const email = "ada@example.com";

const answers: { readonly [how: string]: (c: Context) => Response | Promise<Response> } = {
  "c.text()": (c) => c.text("hello"),
  "c.body() with headers": (c) => c.body("hello", 200, { "x-own": "1" }),
  "c.redirect()": (c) => c.redirect("/account", 303),
  "new Response()": () => new Response("hello", { headers: { "x-own": "1", "set-cookie": "own=1" } }),
  "a response that cannot be changed": () => Response.redirect("http://localhost/account", 303),
  "an answer of fetch": () => fetch("data:text/plain,hello"),
};

const namesOf = (response: Response): (string | undefined)[] =>
  response.headers.getSetCookie().map((line) => line.split("=", 1)[0]);

type Answering = (c: Context) => Response | Promise<Response>;

/** A page is asked for whose credential has to be renewed first. */
async function visitLate(answer: Answering, fail?: (c: Context) => Response): Promise<Response> {
  const { auth, advance } = makeStage({ clients });
  const { credentials } = await signUp(auth, email, "web");
  const lines = credentials.transport === "cookie" ? credentials.setCookies : [];
  advance(16 * 60_000);
  const app = new Hono<AuthEnv>();
  app.get("/", honoAuth(auth).requireAuth(), answer);
  if (fail !== undefined) app.onError((_error, c) => fail(c));
  const cookie = lines.map((line) => line.split(";", 1)[0]).join("; ");
  return app.request("/", { headers: { cookie, "sec-fetch-mode": "navigate" } });
}

describe("a guard", () => {
  test.each(Object.keys(answers))("%s keeps what it has renewed", async (how) => {
    const response = await visitLate((c) => answers[how]?.(c) ?? c.notFound());
    expect(response.status).toBeLessThan(400);
    expect(namesOf(response)).toContain("__Host-latchkey-web");
    expect(namesOf(response).includes("own")).toBe(how === "new Response()");
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["at once", () => Promise.reject(new Error("broken"))],
    [
      "later",
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        throw new Error("broken");
      },
    ],
  ])("an error %s keeps it too", async (_when, answer) => {
    for (const fail of [(c: Context) => c.text("sorry", 500), () => new Response("sorry", { status: 500 })]) {
      const response = await visitLate(answer, fail);
      expect(response.status).toBe(500);
      expect(await response.text()).toBe("sorry");
      expect(namesOf(response)).toContain("__Host-latchkey-web");
    }
  });
});

// Hono forgets what was set before for a response that is not the context's own. docs/frameworks/hono.md says so.
test.each(Object.keys(answers))(
  "%s keeps what sendCookies() has set, if it is the context's own",
  async (how) => {
    const { auth } = makeStage({ clients });
    await signUp(auth, email, "web");
    const app = new Hono();
    app.post("/", async (c) => {
      const result = await auth.api.signInEmail({ email, password, client: "web" });
      if (!result.ok) return c.text(result.code, 401);
      sendCookies(c, result);
      return answers[how]?.(c) ?? c.notFound();
    });
    const response = await app.request("/", { method: "POST" });
    expect(namesOf(response).includes("__Host-latchkey-web")).toBe(how.startsWith("c."));
  },
);
