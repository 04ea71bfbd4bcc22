import { sqliteStore } from "latchkey/sqlite";
import { test } from "vitest";
import { makeFolder } from "./folder.ts";
import { accountStep, contents } from "./model/accounts.ts";
import { expectSameAnswers } from "./model/step.ts";

test("any sequence of steps on accounts, tokens and keys has the same answers from memory and SQLite", async () => {
  const folder = makeFolder();
  let opened = 0;
  await expectSameAnswers({
    step: accountStep,
    pauses: [0, 0, 1, 500, 1000, 7000],
    steps: { minLength: 40, maxLength: 80 },
    runs: 40,
    open: (clock) => sqliteStore(`${folder.file}.${opened++}`, { clock }),
    contents,
  });
  folder.remove();
});
