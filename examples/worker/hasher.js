import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** As strong as OWASP asks of scrypt, with the least memory: 16 MiB, of the 128 that a Worker has. */
const cost = { N: 2 ** 14, r: 8, p: 5 };
const mark = "$scrypt$ln=14,r=8,p=5$";

/**
 * Argon2 has no build for Workers; scrypt is part of their `node:crypto`.
 *
 * @type {import("latchkey").PasswordHasher}
 */
export const hasher = {
  async hash(password) {
    const salt = randomBytes(16);
    const key = await derive(password, salt);
    return `${mark}${salt.toString("base64url")}$${key.toString("base64url")}`;
  },
  async verify(hash, password) {
    if (!hash.startsWith(mark)) return false;
    const [salt = "", key = ""] = hash.slice(mark.length).split("$");
    const expected = Buffer.from(key, "base64url");
    const given = await derive(password, Buffer.from(salt, "base64url"));
    return expected.length === given.length && timingSafeEqual(expected, given);
  },
};

/**
 * @param {string} password
 * @param {Buffer} salt
 * @returns {Promise<Buffer>}
 */
function derive(password, salt) {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, cost, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
