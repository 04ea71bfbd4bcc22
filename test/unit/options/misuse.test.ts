import { LatchkeyError, type LatchkeyOptions, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { baseURL, secret } from "../../support/stage.ts";

const openssl = "openssl rand -base64 32";

/** What `latchkey()` says to good options with these members put in their place, of whatever type. */
function saysTo(members: object): string {
  // Whoever writes JavaScript is held to no type.
  const options: LatchkeyOptions = { secret, baseURL, store: memoryStore(), ...(members as object) };
  try {
    latchkey(options);
    return "nothing";
  } catch (error) {
    expect(error).toBeInstanceOf(LatchkeyError);
    expect(error).toMatchObject({ code: "misuse" });
    return String(error).replace("LatchkeyError: latchkey: ", "");
  }
}

test("good options: nothing to say", () => {
  expect(saysTo({})).toBe("nothing");
  expect(saysTo({ secret: [secret, `${secret}!`], basePath: "/auth", session: { idleTimeout: null } })).toBe(
    "nothing",
  );
});

describe("a misuse names the option and the remedy:", () => {
  test.each<[members: object, option: string, remedy: string]>([
    [{ secret: undefined }, "secret", openssl],
    [{ secret: null }, "secret", openssl],
    [{ secret: "" }, "secret", openssl],
    [{ secret: "hunter2-hunter2-hunter2-hunter2" }, "secret", openssl],
    [{ secret: [] }, "secret", openssl],
    [{ secret: [secret, "short"] }, "secret", "entry 2 has fewer than 32 characters"],
    [{ secret: 42 }, "secret", openssl],
    [{ secret: new Uint8Array(32) }, "secret", openssl],
    [{ baseURL: "" }, "baseURL", "https://app.example"],
    [{ baseURL: "app.example" }, "baseURL", "https://app.example"],
    [{ baseURL: "ftp://app.example" }, "baseURL", "https://app.example"],
    [{ baseURL: "javascript:alert(1)" }, "baseURL", "https://app.example"],
    [{ baseURL: "https://app.example/app" }, "baseURL", "the path belongs into basePath"],
    [{ baseURL: "https://app.example/?a" }, "baseURL", "nothing behind it"],
    [{ baseURL: "https://app.example/#a" }, "baseURL", "nothing behind it"],
    [{ baseURL: "https://user@app.example" }, "baseURL", "nothing behind it"],
    [{ baseURL: new URL(baseURL) }, "baseURL", "https://app.example"],
    [{ basePath: "" }, "basePath", '"/api/auth"'],
    [{ basePath: "/" }, "basePath", '"/api/auth"'],
    [{ basePath: "api/auth" }, "basePath", '"/api/auth"'],
    [{ basePath: "/api/auth/" }, "basePath", '"/api/auth"'],
    [{ basePath: "/api//auth" }, "basePath", '"/api/auth"'],
    [{ basePath: "/api/../auth" }, "basePath", '"/api/auth"'],
    [{ basePath: "/api/:id" }, "basePath", '"/api/auth"'],
    [{ basePath: "/api/*" }, "basePath", '"/api/auth"'],
    [{ store: undefined }, "store", "sqliteStore"],
    [{ store: null }, "store", "sqliteStore"],
    [{ store: "app.db" }, "store", "sqliteStore"],
    [{ store: memoryStore }, "store", "sqliteStore"],
    [{ users: null }, "users", "UsersPort"],
    [{ users: "people" }, "users", "UsersPort"],
    [{ users: {} }, "users", "findByEmail, findById, checkPassword"],
    [{ users: { findByEmail: () => null, findById: () => null } }, "users", "UsersPort"],
    [{ users: { findByEmail: () => null, findById: () => null, checkPassword: true } }, "users", "UsersPort"],
    [{ clients: {} }, "clients", "at least one"],
    [{ clients: { Web: { transport: "cookie", strategy: "session" } } }, "clients", "lower case"],
    [{ clients: { "web;x": { transport: "cookie", strategy: "session" } } }, "clients", "lower case"],
    [{ clients: { "": { transport: "cookie", strategy: "session" } } }, "clients", "lower case"],
    [{ clients: { web: { transport: "header", strategy: "session" } } }, "clients.web.transport", "cookie"],
    [{ clients: { web: { transport: "cookie", strategy: "jwt-magic" } } }, "clients.web.strategy", "session"],
    [{ clients: { web: { transport: "cookie" } } }, "clients.web.strategy", "session"],
    [
      { clients: { web: { transport: "cookie", strategy: "session", accept: ["magic"] } } },
      "clients.web.accept",
      "session",
    ],
    [
      { clients: { web: { transport: "cookie", strategy: "session", secure: false } } },
      "clients.web.secure",
      "typing mistake",
    ],
    [{ session: { expiresIn: 0 } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: -1 } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: 1.5 } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: "30d" } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: Number.NaN } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: Number.POSITIVE_INFINITY } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { expiresIn: null } }, "session.expiresIn", "LatchkeyOptions"],
    [{ session: { idleTimeout: 0 } }, "session.idleTimeout", "LatchkeyOptions"],
    [{ session: { maxAge: 60 } }, "session.maxAge", "typing mistake"],
    [{ access: { expiresIn: 86_401 } }, "access.expiresIn", "LatchkeyOptions"],
    [{ access: { expiresIn: 0 } }, "access.expiresIn", "LatchkeyOptions"],
    [{ roles: { admin: "*" } }, "roles.admin", "LatchkeyOptions"],
    [{ keys: { algorithm: "none" } }, "keys.algorithm", "LatchkeyOptions"],
    [{ keys: { algorithm: "RS512" } }, "keys.algorithm", "LatchkeyOptions"],
    [{ trustedOrigins: "https://a.example" }, "trustedOrigins", "LatchkeyOptions"],
    [{ trustedOrigins: ["https://a.example/"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["https://*.example"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["*"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["null"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["a.example"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["https://A.example"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["https://a.example:443"] }, "trustedOrigins", "Write scheme and host only"],
    [{ trustedOrigins: ["data:text/html,x"] }, "trustedOrigins", "Write scheme and host only"],
    [{ passwords: { minLength: 7 } }, "passwords.minLength", "LatchkeyOptions"],
    [{ passwords: { minLength: 1025 } }, "passwords.minLength", "LatchkeyOptions"],
    [{ passwords: { hasher: "argon2" } }, "passwords.hasher", "LatchkeyOptions"],
    [{ signUp: { enabled: "no" } }, "signUp.enabled", "LatchkeyOptions"],
    [{ signUp: { allow: true } }, "signUp.allow", "LatchkeyOptions"],
    [{ clock: 0 }, "clock", "LatchkeyOptions"],
    [{ logger: "console" }, "logger", "LatchkeyOptions"],
    [{ secert: "x" }, "secert", "typing mistake"],
    [{ cookies: { sameSite: "none" } }, "cookies", "typing mistake"],
    [{ constructor: 1 }, "constructor", "typing mistake"],
  ])("%j", (members, option, remedy) => {
    const said = saysTo(members);
    expect(said.startsWith(option)).toBe(true);
    expect(said).toContain(remedy);
  });

  test.each([
    { clock: null },
    { clock: {} },
    { signUp: { allow: {} } },
    { passwords: { hasher: {} } },
    { store: {} },
  ])("%j, which cannot do what it is for", (members) => {
    expect(saysTo(members)).not.toBe("nothing");
  });

  test("no options at all", () => {
    expect(() => latchkey(undefined as never)).toThrow(LatchkeyError);
  });
});

describe("a secret is never shown", () => {
  test.each([
    "hunter2-hunter2-hunter2-hunter2",
    ["hunter2-hunter2-hunter2-hunter2"],
    [secret, "hunter2"],
    { value: "hunter2-hunter2-hunter2-hunter2-hunter2" },
    ["hunter2-hunter2-hunter2-hunter2-hunter2", 5],
  ])("%j", (wrong) => {
    expect(saysTo({ secret: wrong })).not.toMatch(/hunter2|a secret for tests/);
  });

  test("by another option's misuse either", () => {
    expect(saysTo({ baseURL: "nowhere" })).not.toContain(secret);
    expect(saysTo({ [secret.replaceAll(" ", "")]: 1 })).not.toContain(secret);
  });
});

describe("in production", () => {
  test.each<[baseURL: string | undefined, remedy: string]>([
    [undefined, 'required when NODE_ENV is "production". Give the address people use'],
    ["http://app.example", "Use https in production"],
    ["http://192.168.0.2", "Use https in production"],
    ["http://localhost.example", "Use https in production"],
    ["http://127.0.0.1.example", "Use https in production"],
    ["http://0.0.0.0", "Use https in production"],
  ])("baseURL %s is refused", (address, remedy) => {
    vi.stubEnv("NODE_ENV", "production");
    try {
      expect(saysTo({ baseURL: address })).toMatch(/^baseURL: /);
      expect(saysTo({ baseURL: address })).toContain(remedy);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test.each([
    "https://app.example",
    "https://app.example/",
    "https://app.example:8443",
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://[::1]:3000",
  ])("baseURL %s is fine", (address) => {
    vi.stubEnv("NODE_ENV", "production");
    try {
      expect(saysTo({ baseURL: address })).toBe("nothing");
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("elsewhere plain http and no baseURL will do", () => {
    expect(saysTo({ baseURL: "http://app.example" })).toBe("nothing");
    expect(saysTo({ baseURL: undefined })).toBe("nothing");
  });
});
