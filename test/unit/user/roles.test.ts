import { describe, expect, test } from "vitest";
import { grants } from "../../../packages/latchkey/src/lib/access/roles.ts";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password } from "../../support/stage.ts";

const permissions = new Map([
  ["admin", ["*"]],
  ["editor", ["post:read", "post:write"]],
  ["writer", ["post:*"]],
  ["deep", ["a:b:*"]],
  ["odd", ["post*", "*:read", ":*", ""]],
  ["none", []],
]);

describe("roles grant permissions", () => {
  test.each<[roles: string[], permission: string, granted: boolean]>([
    [["admin"], "anything", true],
    [["admin"], "post:write", true],
    [["admin"], "", true],
    [["editor"], "post:write", true],
    [["editor"], "post:delete", false],
    [["editor"], "post:", false],
    [["editor"], "post", false],
    [["editor"], "post:writer", false],
    [["editor"], "POST:WRITE", false],
    [["editor"], "post:*", false],
    [["editor"], "*", false],
    [["writer"], "post:write", true],
    [["writer"], "post:comment:write", true],
    [["writer"], "post:*", true],
    [["writer"], "post:", false],
    [["writer"], "post", false],
    [["writer"], "posts:write", false],
    [["writer"], "*", false],
    [["deep"], "a:b:c", true],
    [["deep"], "a:c", false],
    [["deep"], "a:b", false],
    [["odd"], "post:read", false],
    [["odd"], "poster", false],
    [["odd"], "post*", true],
    [["odd"], "x:read", false],
    [["odd"], ":x", true],
    [["none"], "post:read", false],
    [["unknown"], "post:read", false],
    [["constructor"], "post:read", false],
    [["__proto__"], "post:read", false],
    [[""], "post:read", false],
    [["Admin"], "post:read", false],
    [[], "post:read", false],
    [["none", "unknown", "editor"], "post:read", true],
  ])("%j for %j: %s", (roles, permission, granted) => {
    expect(grants(permissions, roles, permission)).toBe(granted);
  });
});

describe("can()", () => {
  const roles = { admin: ["*"], editor: ["post:read", "post:write"] };

  test.each(["session", "jwt"] as const)("answers the same under %s", async (strategy) => {
    const { auth } = makeStage({ roles, clients: { app: { transport: "bearer", strategy } } });
    await auth.api.createUser({ email: "ada@example.com", password, roles: ["editor"] });
    const signedIn = await auth.api.signInEmail({ email: "ada@example.com", password });
    if (!signedIn.ok) return expect.fail(signedIn.code);
    const result = await auth.authenticate(bearerRequest(credentialOf(signedIn)));
    if (!result.ok) return expect.fail(result.code);
    expect(["post:read", "post:write", "post:delete", "*"].map(result.can)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(result.user.roles).toEqual(["editor"]);
  });

  test("by default the role admin may all, and no role may nothing", async () => {
    const { auth } = makeStage({ clients: { app: { transport: "bearer", strategy: "session" } } });
    for (const [email, given, granted] of [
      ["ada@example.com", ["admin"], true],
      ["bob@example.com", ["user"], false],
      ["eve@example.com", ["constructor", "toString", "__proto__"], false],
    ] as const) {
      await auth.api.createUser({ email, password, roles: given });
      const signedIn = await auth.api.signInEmail({ email, password });
      if (!signedIn.ok) return expect.fail(signedIn.code);
      const result = await auth.authenticate(bearerRequest(credentialOf(signedIn)));
      expect(result.ok && result.can("admin:users")).toBe(granted);
    }
  });
});
