import { bodyOf, makeService } from "./service.js";

const { app, requireAuth, start } = makeService("stock");
const stock = new Map([
  ["apples", 20],
  ["pears", 3],
]);

app.get("/stock", requireAuth(), (c) => c.json(Object.fromEntries(stock)));

app.post("/stock/take", requireAuth("order:write"), async (c) => {
  const { item, count } = await bodyOf(c);
  if (typeof item !== "string" || typeof count !== "number" || !Number.isInteger(count) || count < 1)
    return c.text("item is a text, and count a whole number from 1 on", 400);
  const left = (stock.get(item) ?? 0) - count;
  if (left < 0) return c.json({ taken: 0 }, 409);
  stock.set(item, left);
  return c.json({ taken: count, by: c.var.auth.user.id });
});

await start();
