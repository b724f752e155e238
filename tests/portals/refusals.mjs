// A portal that does everything wrong, one thing at a time; each refusal is told as the library understands it.
import * as oauth from "oauth4webapi";
import { clientOf, discovered, INSECURE } from "./low_level.mjs";
import { finish, imported, open, step, told } from "./talk.mjs";

const as = await discovered();
const portal = await clientOf(as, told.portal);
const machine = await clientOf(as, told.machine);
const otherKeys = { proofKeys: await oauth.generateKeyPair("ES256") };
const now = () => Math.floor(Date.now() / 1000);

/** Have somebody log in; return the code, and what has to be remembered of the request. */
async function logIn(said, browser) {
  const pushed = await portal.push(said);
  return [portal.answered(await open(pushed.url, browser), pushed), pushed];
}

/** Try to turn a fresh code into tokens, with something wrong. */
async function redeemed(client, changes = {}, how = {}) {
  const [code, pushed] = await logIn();
  return client.redeem(code, { ...pushed, ...changes }, how);
}

// Whoever is logged in and has agreed is not asked again.
await step("nobody is asked: a stranger", () => logIn({ prompt: "none" }, "stranger"));
await step("nobody is asked: not agreed", async () => {
  await logIn({ prompt: "login" }, "otto");
  return logIn({ prompt: "none", scope: "openid profile email" }, "otto");
});
await step("nobody is asked: agreed", async () => {
  await logIn();
  return logIn({ prompt: "none" });
});

// Requests that are pushed.
await step("no PKCE", () => portal.push({ code_challenge: "", code_challenge_method: "" }));
await step("plain PKCE", () => portal.push({ code_challenge_method: "plain" }));
await step("an implicit flow", () => portal.push({ response_type: "id_token" }));
await step("an address that is not registered", () => portal.push({ redirect_uri: `${told.redirect_uri}/anders` }));
await step("another key than announced", () => portal.push({ dpop_jkt: "x".repeat(43) }));
await step("a request that is not pushed", async () => {
  const url = new URL(as.authorization_endpoint);
  const said = { client_id: told.portal.id, redirect_uri: told.redirect_uri, response_type: "code", scope: "openid" };
  const code_challenge = await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier());
  url.search = new URLSearchParams({ ...said, code_challenge, code_challenge_method: "S256", state: "s" });
  return portal.answered(await open(url), { state: "s" });
});
await step("a pushed request a second time", async () => {
  const pushed = await portal.push();
  await open(pushed.url);
  return open(pushed.url);
}, String);

// Codes.
await step("another code_verifier", () => redeemed(portal, { verifier: oauth.generateRandomCodeVerifier() }));
await step("another redirect_uri", () => redeemed(portal, {}, { redirectUri: "https://portal.example/anders" }));
await step("a code bound to another key", () => redeemed(portal.but(otherKeys)));
await step("a code with no key", () => redeemed(portal, {}, { bound: INSECURE }));

// Proofs of a key, wherever one is due.
await step("a proof for another method", () => redeemed(portal.but({ proof: { htm: "GET" } })));
await step("a proof for another address", () => redeemed(portal.but({ proof: { htu: as.userinfo_endpoint } })));
await step("an old proof", () => redeemed(portal.but({ proof: { iat: now() - 3600 } })));
await step("a proof used before", async () => {
  const twice = portal.but({ proof: { jti: oauth.generateRandomState() } });
  await twice.push();
  return redeemed(twice);
});
const [code, pushed] = await logIn();
const tokens = await portal.redeem(code, pushed);
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const person = (client) => client.person(tokens, sub);
const refreshed = (client) => client.refresh(tokens.refresh_token);
await step("userinfo: no proof", () => portal.person(tokens, sub, INSECURE));
await step("userinfo: a proof of another key", () => person(portal.but(otherKeys)));
await step("userinfo: a proof for another token", () => person(portal.but({ proof: { ath: "x".repeat(43) } })));
await step("userinfo: no token of theirs", () => portal.person({ access_token: "x.y.z" }, sub));
await step("refresh: a proof for another method", () => refreshed(portal.but({ proof: { htm: "PUT" } })));
await step("refresh: another client's key", () => refreshed(portal.but({ key: machine.key })));
await step("refresh: no token of theirs", () => portal.refresh("x"));
await step("refresh: another key for the proof", () => refreshed(portal.but(otherKeys)));

// By what a client shows who it is.
const assertion = (changes) => machine.but({ assertion: changes }).forItself();
await step("an unknown client", () => portal.but({ id: "nobody" }).push());
await step("an assertion with another's key", () => portal.but({ key: machine.key }).push());
await step("an assertion for another provider", () => assertion({ aud: "https://other.example" }));
await step("an assertion for the endpoint", () => assertion({ aud: as.token_endpoint }));
await step("an assertion for two", () => assertion({ aud: [as.issuer, "https://other.example"] }));
await step("an assertion that is over", () => assertion({ iat: now() - 3600, nbf: now() - 3600, exp: now() - 3000 }));
await step("an assertion of another issuer", () => assertion({ iss: "somebody" }));
await step("an assertion used before", async () => {
  const twice = machine.but({ assertion: { jti: oauth.generateRandomState() } });
  await twice.forItself();
  return twice.forItself();
});

// Keys of Ed25519, whose algorithm the library calls by that name (RFC 9864), no longer EdDSA.
const ed25519 = { key: await imported(told.machine.keys[1]) };
await step("an assertion by Ed25519", () => machine.but(ed25519).forItself());
const proofKeys = await oauth.generateKeyPair("Ed25519");
await step("a proof by Ed25519", () => portal.but({ proofKeys }).push());

// Who may ask for what.
await step("a portal for itself", () => portal.forItself());
await step("a machine for somebody", () => machine.push());
finish();
