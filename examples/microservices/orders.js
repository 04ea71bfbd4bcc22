import { bodyOf, makeService } from "./service.js";

const { app, requireAuth, start } = makeService("orders");
const { STOCK_URL = "http://127.0.0.1:4002" } = process.env;

/** @type {{ item: unknown, count: unknown, by: string }[]} */
const orders = [];

app.get("/orders", requireAuth(), (c) => c.json(orders.filter(({ by }) => by === c.var.auth.user.id)));

app.post("/orders", requireAuth("order:write"), async (c) => {
  const { item, count } = await bodyOf(c);
  // In the name of whoever asked: the other service looks at the same token, and decides for itself.
  const taken = await fetch(`${STOCK_URL}/stock/take`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: c.req.header("authorization") ?? "" },
    body: JSON.stringify({ item, count }),
  });
  if (!taken.ok) return new Response(taken.body, taken);
  const order = { item, count, by: c.var.auth.user.id };
  orders.push(order);
  return c.json(order, 201);
});

await start();
