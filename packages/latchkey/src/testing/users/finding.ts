import { equal } from "../../store/contract/stage/assert.ts";
import { addAndFind, aPerson, found, nobody, type UsersCase } from "./scene.ts";

const email = "ada@example.test";

/** What finds no `ada@example.test`, though one table or another may think so. */
const near = [
  "",
  "ada",
  "ada@example.tes",
  "ada@example.test ",
  " ada@example.test",
  "ada@example.test.",
  "adá@example.test",
  "ada@exämple.test",
  "ad_@example.test",
  "ad%@example.test",
  "%",
  "*",
  "ada@example.test' or '1'='1",
  "' or 1=1 --",
];

/** What names no user. */
const strangeIds = [nobody, "", "0", "-1", "null", "undefined", "%", "' or 1=1 --", "constructor", email];

/** What the port says of finding users. */
export const findingCases: readonly UsersCase[] = [
  [
    "findByEmail and findById find the same user, with the members agreed upon",
    async (scene) => {
      const id = await scene.table.add(aPerson());
      await scene.table.add(aPerson({ email: "bob@example.test", name: "Bob" }));
      const byId = found(await scene.users.findById(id), "by id");
      const byEmail = found(await scene.users.findByEmail(email), "by address");
      const { roles, status } = byId;
      equal([byId.id, byId.email, byId.name], [id, email, "Ada"], "by id");
      equal([byEmail.id, byEmail.email, byEmail.name], [id, email, "Ada"], "by address");
      equal([byEmail.roles, byEmail.status], [roles, status], "roles and status");
      if (roles !== undefined) equal(roles, ["editor"], "the roles of a table that keeps them");
      equal(status ?? "active", "active", "the status");
    },
  ],
  [
    "findByEmail takes an address in its canonical spelling, however the table spells it",
    async (scene) => {
      const id = await scene.table.add(aPerson({ email: "Ada@Example.TEST" }));
      equal(found(await scene.users.findByEmail(email), "by address").id, id, "who is found");
    },
  ],
  [
    "findByEmail finds by the very address and by nothing that is like it",
    async (scene) => {
      await scene.table.add(aPerson());
      for (const address of near) equal((await scene.users.findByEmail(address)) ?? null, null, address);
    },
  ],
  [
    "findById finds by the very id and by nothing that is like it",
    async (scene) => {
      const { id } = await addAndFind(scene);
      const ids = [...strangeIds, `${id} `, ` ${id}`, `${id}0`, `${id}x`].filter((it) => it !== id);
      for (const one of ids) equal((await scene.users.findById(one)) ?? null, null, JSON.stringify(one));
    },
  ],
  [
    "what changes in the table is seen by the next look",
    async (scene) => {
      const before = await addAndFind(scene);
      const { table, handles } = scene;
      const members = { email: "Anna@example.test", name: null, roles: ["admin"], status: "banned" } as const;
      for (const users of handles) await users.findByEmail(email);
      await table.change(before.id, members);
      for (const users of handles) {
        const after = found(await users.findById(before.id), "by id");
        equal([after.email?.toLowerCase(), after.name], ["anna@example.test", null], "address and name");
        if (before.roles !== undefined) equal(after.roles, ["admin"], "the roles");
        if (before.status !== undefined) equal(after.status, "banned", "the status");
        equal((await users.findByEmail(email)) ?? null, null, "by the old address");
        equal(found(await users.findByEmail("anna@example.test"), "by the new one").id, before.id, "who");
      }
      await table.remove(before.id);
      for (const users of handles) {
        equal((await users.findById(before.id)) ?? null, null, "by id, once they are gone");
        equal((await users.findByEmail("anna@example.test")) ?? null, null, "by address then");
      }
    },
  ],
  [
    "an id is never given to another person",
    async ({ table }) => {
      const given = new Set<string>();
      for (let i = 0; i < 5; i++) {
        const id = await table.add(aPerson());
        equal(given.has(id), false, "whether somebody had it before");
        given.add(id);
        await table.remove(id);
      }
    },
  ],
];
