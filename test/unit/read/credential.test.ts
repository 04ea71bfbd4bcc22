import { describe, expect, test } from "vitest";
import { makeReadCredentials } from "../../../packages/latchkey/src/read/credential.ts";
import type { Client } from "../../../packages/latchkey/src/types.ts";
import { heap } from "../../support/heap.ts";
import { type HeaderFields, makeRequest } from "../../support/requests.ts";

const web = makeClient("web", "cookie");
const admin = makeClient("admin", "cookie");
const mobile = makeClient("mobile", "bearer");
const desktop = makeClient("desktop", "bearer");
const clients = [web, mobile, admin, desktop];

function makeClient(name: string, transport: Client["transport"]): Client {
  return {
    name,
    transport,
    strategy: "session",
    accept: ["session"],
    refresh: false,
    cookieName: `__Host-latchkey-${name}`,
    refreshCookieName: `__Host-latchkey-${name}-refresh`,
  };
}

/** What a request with these headers carries: its kind, with the values found. */
function read(fields: HeaderFields): string {
  const found = makeReadCredentials(clients)(makeRequest(fields));
  return "credentials" in found
    ? `${found.kind} ${found.credentials.map((one) => `${one.clients.map((c) => c.name)}=${one.value}`)}`
    : found.kind;
}

describe("Authorization", () => {
  test.each([
    ["Bearer t", "bearer mobile,desktop=t"],
    ["bearer t", "bearer mobile,desktop=t"],
    ["BEARER t", "bearer mobile,desktop=t"],
    ["bEaReR t", "bearer mobile,desktop=t"],
    ["Bearer   t", "bearer mobile,desktop=t"],
    ["Bearer a.b-c_d~e+f/g=", "bearer mobile,desktop=a.b-c_d~e+f/g="],
    ["Bearer %E0%A4%A", "bearer mobile,desktop=%E0%A4%A"],
    ["Bearer", "refused"],
    ["Bearer ", "refused"],
    ["Bearer  ", "refused"],
    ["Bearer t u", "refused"],
    ["Bearer t,u", "refused"],
    ["Bearer t, Bearer u", "refused"],
    ["Bearer ,", "refused"],
    ["Bearer t ", "refused"],
    ["Bearer\tt", "refused"],
    ["Bearer \tt", "refused"],
    ["Bearer t\n", "refused"],
    ["Bearer t\u00a0", "refused"],
    ["Bearer=t", "refused"],
    ["Bearer:t", "refused"],
    ["Bearert", "none"],
    ["BearerToken t", "none"],
    ["Basic dTpw", "none"],
    ["DPoP t", "none"],
    ["Token t", "none"],
    ["Digest Bearer t", "none"],
    ["", "none"],
  ])("%j: %s", (authorization, expected) => {
    expect(read({ authorization })).toBe(expected);
  });

  test("of Bearer is judged alone: cookies are not read, not even beside a malformed one", () => {
    const cookie = "__Host-latchkey-web=c";
    expect(read({ authorization: "Bearer t", cookie })).toBe("bearer mobile,desktop=t");
    expect(read({ authorization: "Bearer", cookie })).toBe("refused");
    expect(read({ authorization: "Bearer t, Bearer u", cookie })).toBe("refused");
  });

  test("of another scheme changes nothing", () => {
    expect(read({ authorization: "Basic dTpw", cookie: "__Host-latchkey-web=c" })).toBe("cookie web=c");
  });
});

describe("Cookie", () => {
  test("none, or none of ours", () => {
    expect(read({})).toBe("none");
    expect(read({ cookie: "" })).toBe("none");
    expect(read({ cookie: "a=1; latchkey-web=c; __host-latchkey-web=c" })).toBe("none");
  });

  test("an empty one of ours is a credential, though never a good one", () => {
    expect(read({ cookie: "__Host-latchkey-web=" })).toBe("cookie web=");
  });

  test("of several clients, in configured order", () => {
    const cookie = "__Host-latchkey-admin=a; __Host-latchkey-web=w";
    expect(read({ cookie })).toBe("cookie web=w,admin=a");
  });

  test("of a client that uses Bearer is not read", () => {
    expect(read({ cookie: "__Host-latchkey-mobile=m" })).toBe("none");
  });

  test("one of ours twice refuses the request, whatever else it carries", () => {
    const twice = "__Host-latchkey-admin=a; __Host-latchkey-admin=b";
    expect(read({ cookie: twice })).toBe("refused");
    expect(read({ cookie: `__Host-latchkey-web=w; ${twice}` })).toBe("refused");
  });

  test("one of ours that is too long refuses the request", () => {
    expect(read({ cookie: `__Host-latchkey-web=${"c".repeat(4097)}` })).toBe("refused");
  });
});

test("what is kept of a cookie keeps none of the header alive that it came in", () => {
  const readRequest = makeReadCredentials(clients);
  const before = heap();
  const kept = Array.from({ length: 300 }, (_, i) => {
    const cookie = `__Host-latchkey-web=${"w".repeat(60)}${i}; other=${"o".repeat(16_000)}`;
    const found = readRequest({
      ...makeRequest({}),
      headers: {
        get: (name) => (name === "cookie" ? Buffer.from(cookie, "latin1").toString("latin1") : null),
      },
    });
    return "credentials" in found ? found.credentials[0].value.slice(20) : "";
  });
  expect((heap() - before) / kept.length).toBeLessThan(4000);
});
