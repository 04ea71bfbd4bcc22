import { redisStore } from "latchkey/redis";
import { afterAll, beforeAll, test } from "vitest";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { accountStep, contents } from "./model/accounts.ts";
import { logStep } from "./model/log.ts";
import { sessionStep } from "./model/sessions.ts";
import { expectSameAnswers } from "./model/step.ts";

let server: RedisServer;
let opened = 0;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

const open = (clock: () => number) => redisStore(server.url, { clock, prefix: `model-${opened++}` });

test("any sequence of steps has the same answers from memory and from Redis", async () => {
  await expectSameAnswers({
    step: sessionStep,
    pauses: [0, 0, 0, 1, 900, 7000],
    steps: { minLength: 30, maxLength: 60 },
    runs: 30,
    open,
  });
});

test("any sequence of steps on accounts, tokens and keys has the same answers from memory and Redis", async () => {
  await expectSameAnswers({
    step: accountStep,
    pauses: [0, 0, 1, 500, 1000, 7000],
    steps: { minLength: 40, maxLength: 80 },
    runs: 40,
    open,
    contents,
  });
});

test("any sequence of steps leaves the same changes in the log, and what it lost is made good alike", async () => {
  await expectSameAnswers({
    step: logStep,
    pauses: [0, 0, 1, 500, 7000],
    steps: { minLength: 40, maxLength: 80 },
    runs: 40,
    open,
    contents,
  });
});
