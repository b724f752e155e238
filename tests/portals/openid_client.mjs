// A portal as its developers would write it, with openid-client: somebody logs in, stays for a while and logs out.
import * as client from "openid-client";
import { finish, imported, open, step, told } from "./talk.mjs";

// On loopback there are no certificates; and the id token is to be checked against the keys, whoever delivered it.
const execute = [client.allowInsecureRequests, client.enableNonRepudiationChecks];

async function configured({ id, keys: [key] }) {
  return client.discovery(new URL(told.issuer), id, {}, client.PrivateKeyJwt(await imported(key)), { execute });
}

const config = await step("discovery", () => configured(told.portal));
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair());
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
const parameters = {
  redirect_uri: told.redirect_uri,
  scope: "openid email",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
  nonce: expectedNonce,
};
const url = await step(
  "pushed request",
  () => client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP }),
  (url) => [...url.searchParams.keys()].sort(),
);

const back = await open(url);
const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true };
const kinds = (tokens) => [tokens.token_type, tokens.scope];
const tokens = await step(
  "code",
  () => client.authorizationCodeGrant(config, back, checks, undefined, { DPoP }),
  kinds,
);

const { sub } = tokens.claims();
const person = (token) => client.fetchUserInfo(config, token, sub, { DPoP });
await step("userinfo", () => person(tokens.access_token), Object.keys);
const further = await step(
  "refresh",
  () => client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }),
  kinds,
);
await step("userinfo after it", () => person(further.access_token), Object.keys);

const bye = client.buildEndSessionUrl(config, {
  post_logout_redirect_uri: told.post_logout_redirect_uri,
  id_token_hint: tokens.id_token,
  state: "bye",
});
await step("end session", () => open(bye), String);
await step("userinfo after the end", () => person(further.access_token));
await step("refresh after the end", () => client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }));

const machine = await step("discovery by a machine", () => configured(told.machine));
await step("client credentials", () => client.clientCredentialsGrant(machine), (tokens) => tokens.token_type);
finish();
