/** What is done, and how often beside the others. */
const mixed = {
  check: 500,
  checkEnded: 220,
  get: 15,
  work: 30,
  signIn: 45,
  refresh: 60,
  refreshAndLose: 15,
  refreshAtOnce: 3,
  endSession: 28,
  endOthers: 4,
  endUser: 3,
  ban: 3,
  setRole: 10,
  changePassword: 5,
  endWhileAtWork: 10,
};

export type Act = keyof typeof mixed;

/** Little but what happens at the same moment as something else. */
const races: typeof mixed = {
  ...mixed,
  ...{ check: 100, checkEnded: 100, signIn: 300, refresh: 20, refreshAndLose: 40, refreshAtOnce: 40 },
  ...{ endWhileAtWork: 200 },
};

export type LoadName = "mixed" | "races";

export const loadNames: readonly LoadName[] = ["mixed", "races"];

export function weightsOf(name: LoadName): typeof mixed {
  return name === "mixed" ? mixed : races;
}
