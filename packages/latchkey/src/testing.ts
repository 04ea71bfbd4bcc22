/** What tests of other people's code need: the contract for a store of their own. */
export { type StoreContractOptions, type StoreUnderTest, storeContract } from "./store/contract.ts";
