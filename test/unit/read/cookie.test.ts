import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCookie } from "../../../packages/latchkey/src/read/cookie.ts";

const name = "__Host-latchkey-web";

describe("readCookie", () => {
  test.each<[header: string, value: string]>([
    [`${name}=v`, "v"],
    [`a=1; ${name}=v; b=2`, "v"],
    [`a=1;${name}=v;b=2`, "v"],
    [`a=1;  \t ${name}=v`, "v"],
    [`${name} = v `, "v"],
    [`${name}=`, ""],
    [`${name}=  `, ""],
    [`${name}=a=b==`, "a=b=="],
    [`${name}="v"`, '"v"'],
    [`${name}=%76`, "%76"],
    [`${name}; ${name}=v`, "v"],
    [`; ;; ${name}=v;`, "v"],
    [`=${name}=x; ${name}=v`, "v"],
  ])("%j holds %j", (header, value) => {
    expect(readCookie(header, name)).toBe(value);
  });

  test.each([
    "",
    ";",
    "=",
    name,
    `x${name}=v`,
    `${name}x=v`,
    `${name}-refresh=v`,
    "latchkey-web=v",
    "__host-latchkey-web=v",
    "__HOST-latchkey-web=v",
    "__HoSt-latchkey-web=v",
    "__Host-Latchkey-web=v",
    "__Host-latchkey-WEB=v",
    "__Secure-latchkey-web=v",
    "Host__latchkey-web=v",
    `"${name}"=v`,
    `%5F_Host-latchkey-web=v`,
    `a="; ${name}`,
    `a=${name}=v`,
    `a=1, ${name}=v`,
    `=${name}=v`,
  ])("%j holds no such cookie", (header) => {
    expect(readCookie(header, name)).toBeUndefined();
  });

  // Browsers take these into a name; a reader that trims them lets anybody shadow the prefixed cookie.
  test.each(["\u00a0", "\v", "\f", "\r", "\n", "\u0000", "\u0085", "\u2003", "\u3000", "\ufeff"])(
    "%j before or behind the name makes it another name",
    (space) => {
      expect(readCookie(`${space}${name}=v`, name)).toBeUndefined();
      expect(readCookie(`${name}${space}=v`, name)).toBeUndefined();
      expect(readCookie(`a=1; ${space}${name}=planted; ${name}=v`, name)).toBe("v");
    },
  );

  test("white space of that kind stays in the value too", () => {
    expect(readCookie(`${name}=\u00a0v`, name)).toBe("\u00a0v");
    expect(readCookie(`${name}=v\u2003`, name)).toBe("v\u2003");
  });

  test.each([
    `${name}=v; ${name}=w`,
    `${name}=v; ${name}=v`,
    `${name}=v; a=1; ${name}=`,
    `${name}=; ${name}=`,
    ` ${name} =v;\t${name}\t=w`,
  ])("%j holds it twice and is refused", (header) => {
    expect(readCookie(header, name)).toBe("refused");
  });

  test("a value of 4096 characters is read, a longer one refused", () => {
    expect(readCookie(`${name}=${"v".repeat(4096)}`, name)).toBe("v".repeat(4096));
    expect(readCookie(`${name}=${"v".repeat(4097)}`, name)).toBe("refused");
  });

  test("a long value of another name does not matter", () => {
    expect(readCookie(`a=${"v".repeat(9000)}; ${name}=v`, name)).toBe("v");
  });

  test("is found among a thousand", () => {
    const others = Array.from({ length: 1000 }, (_, i) => `latchkey-${i}=${i}`);
    expect(readCookie([...others, `${name}=v`, ...others].join("; "), name)).toBe("v");
    expect(readCookie(others.join("; "), name)).toBeUndefined();
  });

  test.each([" ", "\t", " \t", ";", "=", "; ", " =", "a "])(
    "takes no longer than it must for %j without end",
    (unit) => {
      const run = unit.repeat(50_000);
      const started = performance.now();
      for (const header of [run, `${name}${run}x`, `${name}=v${run}x`, `${name}=${run}`])
        readCookie(header, name);
      expect(performance.now() - started).toBeLessThan(1000);
    },
  );

  test("whatever the header, says what splitting it and trimming the parts says", () => {
    const bySplitting = (header: string): string | "refused" | undefined => {
      const trim = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, "");
      const values = header.split(";").flatMap((pair) => {
        const equals = pair.indexOf("=");
        return equals >= 0 && trim(pair.slice(0, equals)) === "n" ? [trim(pair.slice(equals + 1))] : [];
      });
      return values.length > 1 ? "refused" : values[0];
    };
    const header = fc.string({
      ...{ unit: fc.constantFrom(";", "=", " ", "\t", "a", "\u00a0", "n", "n=", "; n=", '"'), maxLength: 30 },
    });
    const same = (text: string): void => {
      expect(readCookie(text, "n")).toBe(bySplitting(text));
    };
    fc.assert(fc.property(header, same), { numRuns: 5000 });
  });

  test("whatever the header, gives a string that stands in it, refused, or nothing", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(";", "=", " ", "\t", "a", "\u00a0", "n", '"'), maxLength: 30 }),
        (header) => {
          const value = readCookie(header, "n");
          if (value !== undefined && value !== "refused") expect(header).toContain(`=`);
          if (value !== undefined && value !== "refused") expect(header).toContain(value);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
