/** What of a SQL database an older copy would put back, but for its logs. */
const tables = ["latchkey_users", "latchkey_user_roles", "latchkey_sessions", "latchkey_meta"];

/** Notes the rows of a database that takes that SQL, and gives what puts them back. `schema` with its dot. */
export async function copyRows(run: (sql: string) => unknown, schema = ""): Promise<() => Promise<void>> {
  for (const table of tables)
    await run(`create table ${schema}older_${table} as select * from ${schema}${table}`);
  return async () => {
    for (const table of tables) {
      await run(`delete from ${schema}${table}`);
      await run(`insert into ${schema}${table} select * from ${schema}older_${table}`);
    }
  };
}

/** The same of a Redis database, with its logs. */
export async function copyKeys(
  command: (...args: string[]) => Promise<string>,
  prefix: string,
): Promise<() => Promise<void>> {
  const every = (from: string, work: string): Promise<string> =>
    command("EVAL", `for _, key in ipairs(redis.call('KEYS', ARGV[1])) do ${work} end`, "0", from);
  await every(`{${prefix}}*`, "redis.call('COPY', key, 'older-' .. key)");
  return async () => {
    await every(`{${prefix}}*`, "redis.call('DEL', key)");
    await every(`older-{${prefix}}*`, "redis.call('COPY', key, string.sub(key, 7))");
  };
}
