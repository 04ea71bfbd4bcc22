import { sqliteStore } from "latchkey/sqlite";
import { test } from "vitest";
import { makeFolder } from "./folder.ts";
import { sessionStep } from "./model/sessions.ts";
import { expectSameAnswers } from "./model/step.ts";

test("any sequence of steps has the same answers from memory and from SQLite", async () => {
  const folder = makeFolder();
  let opened = 0;
  await expectSameAnswers({
    step: sessionStep,
    pauses: [0, 0, 0, 1, 900, 7000],
    steps: { minLength: 30, maxLength: 60 },
    runs: 30,
    open: (clock) => sqliteStore(`${folder.file}.${opened++}`, { clock }),
  });
  folder.remove();
});
