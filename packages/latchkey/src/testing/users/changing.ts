import { equal } from "../../store/contract/stage/assert.ts";
import { addAndFind, aPerson, atOnce, found, nobody, type UsersCase } from "./scene.ts";

const { password, email } = aPerson();
const next = "another horse battery";

/** What the port says of changing and deleting users, where it can. */
export const changingCases: readonly UsersCase[] = [
  [
    "changePassword sets the new one if the current one is right, and nothing otherwise",
    async (scene) => {
      const { users } = scene;
      if (users.changePassword === undefined) return;
      const { id } = await addAndFind(scene);
      equal(await users.changePassword(id, "a wrong password", next), false, "by a wrong one");
      equal(await users.checkPassword(id, password), true, "the old one then");
      equal(await users.changePassword(id, password, next), true, "by the right one");
      equal(await users.checkPassword(id, password), false, "the old one");
      equal(await users.checkPassword(id, next), true, "the new one");
      for (const one of [nobody, "", "' or 1=1 --"])
        equal(await users.changePassword(one, next, password), false, JSON.stringify(one));
      equal(await users.checkPassword(id, next), true, "hers, after others' were tried");
    },
  ],
  [
    "of many who change one password at once one does",
    async (scene) => {
      const { users, handles } = scene;
      if (users.changePassword === undefined) return;
      const { id } = await addAndFind(scene);
      const answers = await atOnce(4, handles, (on, i) => on.changePassword?.(id, password, `${next} ${i}`));
      const winner = answers.indexOf(true);
      equal(answers.filter((it) => it === true).length, 1, "how many were told so");
      equal(await users.checkPassword(id, `${next} ${winner}`), true, "the password of the one");
    },
  ],
  [
    "setName sets the name and nothing else, and does nothing for nobody",
    async (scene) => {
      const { users } = scene;
      if (users.setName === undefined) return;
      const before = await addAndFind(scene);
      await users.setName(before.id, "Ada Lovelace 🧮");
      const named = found(await users.findById(before.id), "by id");
      equal([named.name, named.email, named.roles], ["Ada Lovelace 🧮", before.email, before.roles], "her");
      await users.setName(before.id, null);
      await users.setName(nobody, "Nobody");
      equal(found(await users.findById(before.id), "by id").name, null, "without one");
      equal((await users.findById(nobody)) ?? null, null, "nobody");
      equal(await users.checkPassword(before.id, password), true, "her password");
    },
  ],
  [
    "deleteUser removes the user for good, frees the address, and does nothing for nobody",
    async (scene) => {
      const { table, users, handles } = scene;
      if (users.deleteUser === undefined) return;
      const { id } = await addAndFind(scene);
      const other = await table.add(aPerson({ email: "bob@example.test" }));
      await users.deleteUser(id);
      await users.deleteUser(id);
      await users.deleteUser(nobody);
      for (const on of handles) {
        equal((await on.findById(id)) ?? null, null, "by id");
        equal((await on.findByEmail(email)) ?? null, null, "by address");
        equal(await on.checkPassword(id, password), false, "her password");
        equal(found(await on.findById(other), "another").id, other, "another");
      }
      equal((await addAndFind(scene)).id === id, false, "whether whoever comes next has her id");
    },
  ],
];
