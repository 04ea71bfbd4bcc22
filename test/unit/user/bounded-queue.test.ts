import { LatchkeyError } from "latchkey";
import { describe, expect, test } from "vitest";
import { boundedQueue } from "../../../packages/latchkey/src/user/password/bounded-queue.ts";

/** Work that ends when told to. */
function makeWork(): { readonly run: () => Promise<string>; readonly end: (error?: Error) => void } {
  let resolve: (value: string) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<string>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { run: () => promise, end: (error) => (error === undefined ? resolve("done") : reject(error)) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("boundedQueue", () => {
  test.each([1, 2, 5])("runs at most %i at once, all in the end, in the order they came", async (limit) => {
    const queue = boundedQueue(limit, 100);
    let active = 0;
    let most = 0;
    const begun: number[] = [];
    const work = (number: number) => async (): Promise<number> => {
      begun.push(number);
      most = Math.max(most, ++active);
      await settle();
      active--;
      return number;
    };
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    expect(await Promise.all(numbers.map((number) => queue(work(number))))).toEqual(numbers);
    expect(most).toBe(limit);
    expect(begun).toEqual(numbers);
  });

  test("starts at once while there is room", () => {
    let begun = false;
    void boundedQueue(
      1,
      0,
    )(async () => {
      begun = true;
    });
    expect(begun).toBe(true);
  });

  test("turns away what finds the line full, at once and without running it", async () => {
    const queue = boundedQueue(1, 2);
    const works = [makeWork(), makeWork(), makeWork()];
    const running = works.map(({ run }) => queue(run));
    let ran = false;
    const late = queue(async () => {
      ran = true;
    });
    await expect(late).rejects.toThrow(LatchkeyError);
    await expect(late).rejects.toMatchObject({ code: "busy", retryAfter: 1 });
    for (const { end } of works) end();
    expect(await Promise.all(running)).toEqual(["done", "done", "done"]);
    expect(ran).toBe(false);
    expect(await queue(async () => "again")).toBe("again");
  });

  test("work that fails, or throws at once, gives its place free", async () => {
    const queue = boundedQueue(1, 10);
    const failing = makeWork();
    const first = queue(failing.run);
    const second = queue(() => {
      throw new Error("at once");
    });
    const third = queue(async () => "third");
    failing.end(new Error("later"));
    await expect(first).rejects.toThrow("later");
    await expect(second).rejects.toThrow("at once");
    expect(await third).toBe("third");
    expect(await queue(async () => "fourth")).toBe("fourth");
  });

  test("a place handed over is not handed out twice", async () => {
    const queue = boundedQueue(1, 10);
    let active = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++active);
      await settle();
      active--;
    };
    const first = queue(work);
    const second = queue(work);
    const afterwards = first.then(() => queue(work));
    await Promise.all([first, second, afterwards]);
    expect(most).toBe(1);
  });
});
