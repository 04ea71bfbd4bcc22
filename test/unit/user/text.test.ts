import { describe, expect, test } from "vitest";
import { checkName, checkRoles } from "../../../packages/latchkey/src/user/text.ts";
import { makeStage, password, signUp } from "../../support/stage.ts";

const badName = { ok: false, code: "invalid_input", detail: "name: one line of 1 to 100 characters." };
const badRoles = {
  ok: false,
  code: "invalid_input",
  detail: "roles: a list of at most 64 names of 1 to 64 characters.",
};

describe("a name", () => {
  test.each([
    null,
    "A",
    "Ada Lovelace",
    " Ada ",
    "Åsa Ünal",
    "李小龍",
    "محمد",
    "👩‍💻",
    "x".repeat(100),
    "😀".repeat(100),
  ])("%j will do", (name) => {
    expect(checkName(name)).toBeUndefined();
  });

  test.each([
    "",
    " ",
    "\u00a0\u2003",
    "x".repeat(101),
    "😀".repeat(101),
    "Ada\nLovelace",
    "Ada\r",
    "Ada\t",
    "Ada\0",
    "Ada\u001b[31m",
    "Ada\u007f",
    "Ada\u0085",
    "Ada\u2028",
    "Ada\u2029",
    "Ada\u202egnp.exe",
    "Ada\u2066",
    "Ada\ud83d",
    "\udc00Ada",
  ])("%j will not", (name) => {
    expect(checkName(name)).toEqual(badName);
  });
});

describe("roles", () => {
  const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `role-${i}`);

  test.each([[[]], [["admin"]], [["a", "b"]], [many(64)], [["x".repeat(64)]]])("%j will do", (roles) => {
    expect(checkRoles(roles)).toBeUndefined();
  });

  test.each([
    [[""]],
    [["a", ""]],
    [many(65)],
    [["x".repeat(65)]],
    [["a\nb"]],
    [["a\0"]],
    ["admin"],
    [{ 0: "admin", length: 1 }],
    [[1]],
    [[["admin"]]],
    [[null]],
    [null],
  ])("%j will not", (roles) => {
    // Whoever writes JavaScript is held to no type.
    expect(checkRoles(roles as never)).toEqual(badRoles);
  });
});

test("are checked wherever they are set, before anything is hashed or written", async () => {
  const { auth, calls, hasher } = makeStage();
  const { user } = await signUp(auth, "ada@example.com");
  calls.length = 0;
  hasher.calls.length = 0;
  const { api } = auth;
  const other = { email: "bob@example.com", password };
  expect(await api.signUpEmail({ ...other, name: "" })).toEqual(badName);
  expect(await api.createUser({ ...other, name: "a\nb" })).toEqual(badName);
  expect(await api.updateUser({ userId: user.id, name: " " })).toEqual(badName);
  expect(await api.createUser({ ...other, roles: [""] })).toEqual(badRoles);
  expect(await api.setRole({ userId: user.id, roles: ["a\0"] })).toEqual(badRoles);
  expect(calls).toEqual([]);
  expect(hasher.calls).toEqual([]);
});

test("a role that `roles` does not have is given to nobody; without `roles` every name is one", async () => {
  const roles = { admin: ["*"], editor: ["post:write"] };
  const { auth, calls, hasher } = makeStage({ roles });
  const { user } = await signUp(auth, "ada@example.com");
  calls.length = 0;
  hasher.calls.length = 0;
  const { api } = auth;
  const bob = { email: "bob@example.com", password };
  const detail = 'roles: there is no "amdin"; there are admin, editor.';
  const refusal = { ok: false, code: "invalid_input", detail };
  expect(await api.createUser({ ...bob, roles: ["editor", "amdin"] })).toEqual(refusal);
  expect(await api.createUser({ ...bob, firstOf: "amdin" })).toEqual(refusal);
  expect(await api.setRole({ userId: user.id, roles: ["amdin"] })).toEqual(refusal);
  expect(calls).toEqual([]);
  expect(hasher.calls).toEqual([]);
  expect(await api.setRole({ userId: user.id, roles: ["editor"] })).toMatchObject({ ok: true });
  const { auth: anyName } = makeStage();
  expect(await anyName.api.createUser({ ...bob, roles: ["amdin"] })).toMatchObject({ ok: true });
});
