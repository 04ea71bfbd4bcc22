import { readFileSync } from "node:fs";
import { errorCodes, statusOf } from "latchkey";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const documented = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [
  code,
  Number(status),
]);

test("docs/errors.md lists every code with its status, and no other", () => {
  expect(documented).toEqual(errorCodes.map((code) => [code, statusOf(code)]));
});
