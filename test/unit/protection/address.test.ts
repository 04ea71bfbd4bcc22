import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { known, makeStage, outcomeOf, tally, waitOf } from "./stage.ts";

const proxies = ["10.0.0.0/8", "2001:db8:ffff::1"];

/** The address under which a sign-in is written down. */
async function addressOf(
  { auth, signIn }: { auth: Auth; signIn: Awaited<ReturnType<typeof makeStage>>["signIn"] },
  from: { readonly ip?: string; readonly forwarded?: string },
): Promise<string | null> {
  const result = await signIn(from);
  if (!result.ok) throw new Error(result.code);
  const [event] = await auth.api.listEvents({ type: "signed_in", limit: 1 });
  expect(event?.ip, "the audit log and the session agree").toBe(result.session.ip);
  return result.session.ip;
}

describe("who is behind a request", () => {
  test.each([
    ["the peer, without proxies in front", "192.0.2.1", "198.51.100.9", "192.0.2.1"],
    ["what a trusted proxy says", "10.0.0.1", "198.51.100.9", "198.51.100.9"],
    ["what an IPv6 proxy says", "2001:db8:ffff::1", "198.51.100.9", "198.51.100.9"],
    ["a trusted proxy written as IPv6", "::ffff:10.0.0.1", "198.51.100.9", "198.51.100.9"],
    [
      "the last that no proxy of ours wrote",
      "10.0.0.1",
      "203.0.113.5, 198.51.100.9, 10.1.2.3",
      "198.51.100.9",
    ],
    ["never what stands left of a stranger", "10.0.0.1", "203.0.113.5,198.51.100.9", "198.51.100.9"],
    ["the first of proxies alone", "10.0.0.1", "10.3.3.3, 10.2.2.2", "10.3.3.3"],
    ["the peer, if nothing is said", "10.0.0.1", "", "10.0.0.1"],
    ["the peer, if nonsense is said", "10.0.0.1", "unknown", "10.0.0.1"],
    ["the peer, if nonsense is said on the way", "10.0.0.1", "198.51.100.9, ;, 10.1.2.3", "10.0.0.1"],
    ["no spelling that programs read differently", "10.0.0.1", "010.0.0.9", "10.0.0.1"],
    ["no number", "10.0.0.1", "3232235777", "10.0.0.1"],
    ["without its port", "10.0.0.1", "198.51.100.9:4711", "198.51.100.9"],
    ["without brackets and port", "10.0.0.1", "[2001:DB8:0::0009]:443", "2001:db8::9"],
    ["without its zone", "fe80::1%eth0", "198.51.100.9", "fe80::1"],
    ["as IPv4, if it is one", "::FFFF:c000:0201", "", "192.0.2.1"],
  ])("%s", async (_, ip, forwarded, expected) => {
    const stage = await makeStage({ trustedProxies: proxies });
    expect(await addressOf(stage, { ip, forwarded })).toBe(expected);
  });

  test("unknown, if the connection is not known, whatever the request says", async () => {
    const stage = await makeStage({ trustedProxies: proxies });
    expect(await addressOf(stage, { forwarded: "198.51.100.9" })).toBe(null);
  });

  test("the peer, if no proxy is trusted", async () => {
    expect(await addressOf(await makeStage(), { ip: "10.0.0.1", forwarded: "198.51.100.9" })).toBe(
      "10.0.0.1",
    );
  });

  test.each(["10.0.0.0/33", "10.0.0", "proxy.example", "010.0.0.1", "::1/129", ""])(
    "%s is no proxy",
    (proxy) => {
      expect(() => configured(proxy)).toThrow(/^latchkey: trustedProxies: ".*" is no address and no range/);
    },
  );

  test.each(["0.0.0.0/0", "::/0"])("%s would be everybody", (proxy) => {
    expect(() => configured(proxy)).toThrow("would believe what anybody says");
  });

  test("a range of IPv4 addresses may be written as IPv6", async () => {
    const stage = await makeStage({ trustedProxies: ["::ffff:10.0.0.0/104"] });
    expect(await addressOf(stage, { ip: "10.9.9.9", forwarded: "198.51.100.9" })).toBe("198.51.100.9");
    expect(await addressOf(stage, { ip: "11.9.9.9", forwarded: "198.51.100.9" })).toBe("11.9.9.9");
  });
});

function configured(proxy: string): Auth {
  return latchkey({ secret: "s".repeat(32), store: memoryStore(), trustedProxies: [proxy] });
}

describe("a hundred guesses at a hundred accounts", () => {
  const guesses = async (
    from: (time: number) => { ip: string; forwarded?: string },
    trusted: string[] = [],
  ) => {
    const { signIn } = await makeStage({ trustedProxies: trusted });
    const outcomes: string[] = [];
    for (let time = 0; time < 100; time++) {
      outcomes.push(
        outcomeOf(await signIn({ email: `user${time}@example.com`, password: "a guess", ...from(time) })),
      );
    }
    return tally(outcomes);
  };
  const limited = { invalid_credentials: 50, rate_limited: 50 };

  test("from one address: fifty", async () => {
    expect(await guesses(() => ({ ip: "192.0.2.1" }))).toEqual(limited);
  });

  test("with another X-Forwarded-For each time, from a peer that is no proxy: fifty", async () => {
    expect(await guesses((time) => ({ ip: "192.0.2.1", forwarded: `198.51.100.${time}` }))).toEqual(limited);
  });

  test("with addresses put before one's own on the way to a trusted proxy: fifty", async () => {
    const from = (time: number) => ({ ip: "10.0.0.1", forwarded: `198.51.100.${time}, 203.0.113.7` });
    expect(await guesses(from, proxies)).toEqual(limited);
  });

  test("from a hundred addresses of one IPv6 /64: fifty", async () => {
    expect(await guesses((time) => ({ ip: `2001:db8:1:2:${time}:${time}::${time}` }))).toEqual(limited);
  });

  test("from every spelling of one address: fifty", async () => {
    const spellings = ["192.0.2.1", "::ffff:192.0.2.1", "::FFFF:C000:201", "0:0:0:0:0:ffff:c000:0201"];
    expect(await guesses((time) => ({ ip: spellings[time % 4] ?? "" }))).toEqual(limited);
  });

  test("from a hundred IPv6 /64, or IPv4 addresses: a hundred, for these are a hundred people", async () => {
    expect(await guesses((time) => ({ ip: `2001:db8:1:${time}::1` }))).toEqual({ invalid_credentials: 100 });
    expect(await guesses((time) => ({ ip: `192.0.2.${time}` }))).toEqual({ invalid_credentials: 100 });
  });
});

test("signing in to an account of one's own buys no guesses at others", async () => {
  const { signIn, looks } = await makeStage();
  const ip = "192.0.2.1";
  const outcomes: string[] = [];
  for (let time = 0; time < 100; time++) {
    outcomes.push(outcomeOf(await signIn({ email: `user${time}@example.com`, password: "a guess", ip })));
    outcomes.push(outcomeOf(await signIn({ ip })));
  }
  expect(tally(outcomes)).toEqual({ invalid_credentials: 50, "signed in": 49, rate_limited: 101 });
  expect(looks()).toBe(99);
});

test("a thousand people who sign in from one office are not limited", async () => {
  const { signIns } = await makeStage();
  expect(tally(await signIns(1000, { ip: "192.0.2.1" }))).toEqual({ "signed in": 1000 });
});

test("a refusal for the account's sake does not count against the address", async () => {
  const { signIns, signIn } = await makeStage();
  await signIns(100, { password: "a guess", ip: "192.0.2.1" });
  expect(outcomeOf(await signIn({ email: "b@example.com", ip: "192.0.2.1" }))).toBe("invalid_credentials");
});

test("the wait is the longer one of the account's and the address's", async () => {
  const { signIns, signIn } = await makeStage({
    rateLimit: { perAccount: { firstPause: 900 }, perIp: { window: 60 } },
  });
  await signIns(10, { password: "a guess" });
  await Promise.all(
    Array.from({ length: 50 }, (_, time) => signIn({ email: `user${time}@example.com`, ip: "192.0.2.1" })),
  );
  expect(waitOf(await signIn({ email: "other@example.com", ip: "192.0.2.1" }))).toBe(60);
  expect(waitOf(await signIn({ email: known, ip: "192.0.2.1" }))).toBe(900);
});

test("a hundred sign-ups from one address, and no more", async () => {
  const { auth } = await makeStage();
  const outcomes: string[] = [];
  for (let time = 0; time < 110; time++) {
    const input = { email: `new${time}@example.com`, password: "correct horse battery", client: "mobile" };
    outcomes.push(outcomeOf(await auth.api.signUpEmail(input, { remoteAddress: `2001:db8::${time}` })));
  }
  expect(tally(outcomes)).toEqual({ "signed in": 100, rate_limited: 10 });
});
