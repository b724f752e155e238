// The same story with oauth4webapi, on which openid-client stands: here every check is called by its name.
import * as oauth from "oauth4webapi";
import { clientOf, discovered } from "./low_level.mjs";
import { finish, open, step, told } from "./talk.mjs";

const kinds = (tokens) => [tokens.token_type, tokens.scope];

const as = await step("discovery", discovered);
const portal = await clientOf(as, told.portal);
const pushed = await step("pushed request", () => portal.push());
const back = await open(pushed.url);

// The provider announces that its answers name it, so the library takes none that does not, nor one of another's.
const [nameless, foreign] = [new URL(back), new URL(back)];
nameless.searchParams.delete("iss");
foreign.searchParams.set("iss", "https://other.example");
await step("answer without iss", () => portal.answered(nameless, pushed));
await step("answer of somebody else", () => portal.answered(foreign, pushed));
const code = await step("answer", () => portal.answered(back, pushed), (code) => [...code.keys()].sort());

const tokens = await step("code", () => portal.redeem(code, pushed), kinds);
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
await step("userinfo", () => portal.person(tokens, sub), Object.keys);
const further = await step("refresh", () => portal.refresh(tokens.refresh_token), kinds);
await step("userinfo after it", () => portal.person(further, sub), Object.keys);

await step("code a second time", () => portal.redeem(code, pushed));
await step("userinfo after that", () => portal.person(further, sub));
await step("refresh after that", () => portal.refresh(tokens.refresh_token));

const machine = await clientOf(as, told.machine);
await step("client credentials", () => machine.forItself(), (tokens) => tokens.token_type);
finish();
