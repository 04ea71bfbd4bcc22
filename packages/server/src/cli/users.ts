import type { Command } from "commander";
import { addBan, addUnban } from "./users/ban.ts";
import { addCreate } from "./users/create.ts";
import { addList } from "./users/list.ts";
import { addRemove } from "./users/remove.ts";
import { addSetRole } from "./users/set-role.ts";
import { addShow } from "./users/show.ts";

/** `latchkey users`. */
export function addUsers(program: Command): void {
  const users = program.command("users").description("list, create, ban and remove people; set their roles");
  addList(users);
  addShow(users);
  addCreate(users);
  addBan(users);
  addUnban(users);
  addSetRole(users);
  addRemove(users);
}
