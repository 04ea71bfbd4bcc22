/** What tests of other people's code need: the contracts for a store and for a users table of their own. */
export { type StoreContractOptions, type StoreUnderTest, storeContract } from "./store/contract.ts";
export {
  type PersonUnderTest,
  type UsersContractOptions,
  type UsersUnderTest,
  usersContract,
} from "./testing/users-contract.ts";
