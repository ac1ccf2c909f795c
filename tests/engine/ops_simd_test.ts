import { testOps } from "./ops_cases.ts";

testOps(false);
