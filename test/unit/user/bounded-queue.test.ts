import { LatchkeyError } from "latchkey";
import { afterEach, describe, expect, test, vi } from "vitest";
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

const patience = 2000;
const settled = async (): Promise<string> => "done";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("boundedQueue", () => {
  test.each([1, 2, 5])("runs at most %i at once, all in the end, in the order they came", async (limit) => {
    const queue = boundedQueue({ running: limit, waiting: 100, patience });
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
    void boundedQueue({ running: 1, waiting: 0, patience })(async () => {
      begun = true;
    });
    expect(begun).toBe(true);
  });

  test("turns away what finds the line full, at once and without running it", async () => {
    const queue = boundedQueue({ running: 1, waiting: 2, patience });
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
    const queue = boundedQueue({ running: 1, waiting: 10, patience });
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
    const queue = boundedQueue({ running: 1, waiting: 10, patience });
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

  describe("who waits too long", () => {
    afterEach(() => void vi.useRealTimers());

    test("is turned away then and not later, and its work is never begun", async () => {
      vi.useFakeTimers();
      const queue = boundedQueue({ running: 1, waiting: 10, patience });
      const works = [makeWork(), makeWork(), makeWork()];
      const first = queue(works[0]?.run ?? settled);
      let begun = 0;
      const late = queue(async () => void begun++);
      const refused = expect(late).rejects.toMatchObject({ code: "busy", retryAfter: 1 });
      await vi.advanceTimersByTimeAsync(patience - 1);
      const second = queue(works[1]?.run ?? settled);
      await vi.advanceTimersByTimeAsync(1);
      await refused;
      // The place goes to the one behind, who may still wait, and its time does not run while it is served.
      works[0]?.end();
      expect(await first).toBe("done");
      await vi.advanceTimersByTimeAsync(10 * patience);
      works[1]?.end();
      expect(await second).toBe("done");
      expect([begun, vi.getTimerCount()]).toEqual([0, 0]);
    });

    test("leaves room in the line, and no place is lost", async () => {
      vi.useFakeTimers();
      const queue = boundedQueue({ running: 1, waiting: 1, patience });
      const running = makeWork();
      const first = queue(running.run);
      for (let i = 0; i < 3; i++) {
        const late = expect(queue(settled)).rejects.toMatchObject({ code: "busy" });
        await expect(queue(settled), "the line is full").rejects.toMatchObject({ code: "busy" });
        await vi.advanceTimersByTimeAsync(patience);
        await late;
      }
      running.end();
      expect(await first).toBe("done");
      expect(await queue(settled)).toBe("done");
    });
  });
});
