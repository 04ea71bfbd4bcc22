// A process of its own that uses the built library on the same server. Arguments: url, prefix, how many changes to make.
import { redisStore } from "latchkey/redis";

const [url, prefix, count] = process.argv.slice(2);
const store = redisStore(url, { prefix });
await store.start();
process.send("ready");
await new Promise((resolve) => process.once("message", resolve));

let left = Number(count);
async function worker() {
  while (left > 0) {
    left -= 1;
    // What was not answered may have been done: then there are more changes than were asked for, and no harm.
    await store.endEverything().catch(() => {
      left += 1;
    });
  }
}
await Promise.all(Array.from({ length: 20 }, worker));
await store.close();
process.disconnect();
