import Database from "libsql";
import pg from "pg";
import type { SessionRow, SessionRows } from "./rows.ts";

const select = `select generation, rotated_at as "rotatedAt", data, version, epoch, ended_at as "endedAt",
  end_reason as "endReason", dies_at as "diesAt" from latchkey_sessions where id = `;

export function postgresRows(connectionString: string): SessionRows {
  const pool = new pg.Pool({ connectionString, max: 4, connectionTimeoutMillis: 2000 });
  pool.on("error", () => undefined);
  return {
    async get(id) {
      const { rows } = await pool.query<SessionRow>(`${select}$1`, [id]);
      return rows[0];
    },
    async set(id, row) {
      const text = `update latchkey_sessions set generation = $2, rotated_at = $3, data = $4, version = $5, epoch = $6,
        ended_at = $7, end_reason = $8, dies_at = $9 where id = $1`;
      await pool.query(text, [id, ...valuesOf(row)]);
    },
  };
}

export function sqliteRows(path: string): SessionRows {
  const database = new Database(path, { timeout: 1000 });
  const write = `update latchkey_sessions set generation = ?, rotated_at = ?, data = ?, version = ?, epoch = ?,
    ended_at = ?, end_reason = ?, dies_at = ? where id = ?`;
  return {
    async get(id) {
      return database.prepare(`${select}?`).get(id) as SessionRow | undefined;
    },
    async set(id, row) {
      database.prepare(write).run(...valuesOf(row), id);
    },
  };
}

function valuesOf(row: SessionRow): readonly unknown[] {
  const { generation, rotatedAt, data, version, epoch, endedAt, endReason, diesAt } = row;
  return [generation, rotatedAt, data, version, epoch, endedAt, endReason, diesAt];
}
