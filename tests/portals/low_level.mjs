// A client made of oauth4webapi, which leaves every step to its user and judges every answer as strictly as it can.
import * as oauth from "oauth4webapi";
import { imported, told } from "./talk.mjs";

export const INSECURE = { [oauth.allowInsecureRequests]: true }; // on loopback there are no certificates

const issuer = new URL(told.issuer);

export async function discovered() {
  return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, INSECURE));
}

/** Return a client of a provider, with one key to show who it is, and one to which its tokens are bound. */
export async function clientOf(as, { id, keys: [key] }) {
  return new Client(as, id, await imported(key), await oauth.generateKeyPair("ES256"));
}

class Client {
  constructor(as, id, key, proofKeys, { assertion, proof } = {}) {
    this.as = as;
    this.client = { client_id: id };
    this.key = key;
    this.proofKeys = proofKeys;
    this.changes = { assertion, proof };
  }

  /** Return another one that differs in this: in its id, its keys, or what it changes in the claims that it signs. */
  but({ id = this.client.client_id, key = this.key, proofKeys = this.proofKeys, ...changes }) {
    return new Client(this.as, id, key, proofKeys, changes);
  }

  /** Push a request; return what has to be remembered of it, with the address for the browser. */
  async push(said = {}) {
    const verifier = oauth.generateRandomCodeVerifier();
    const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
    const parameters = {
      redirect_uri: told.redirect_uri,
      response_type: "code",
      scope: "openid email",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
      ...said,
    };
    const { as, client } = this;
    const answer = await oauth.pushedAuthorizationRequest(as, client, this.#shown(), parameters, this.#bound());
    const { request_uri } = await oauth.processPushedAuthorizationResponse(as, client, answer);
    const url = new URL(as.authorization_endpoint);
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri });
    return { url, verifier, state, nonce };
  }

  /** Return what came back, if it is no error, belongs to the request, and names the provider (RFC 9207). */
  answered(back, { state }) {
    return oauth.validateAuthResponse(this.as, this.client, back, state);
  }

  /** Turn a code into tokens, `bound` to a key or not; the id token is checked against the provider's keys as well. */
  async redeem(code, { verifier, nonce }, { redirectUri = told.redirect_uri, bound = this.#bound() } = {}) {
    const { as, client } = this;
    const auth = this.#shown();
    const answer = await oauth.authorizationCodeGrantRequest(as, client, auth, code, redirectUri, verifier, bound);
    const expected = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await oauth.processAuthorizationCodeResponse(as, client, answer, expected);
    await oauth.validateApplicationLevelSignature(as, answer, INSECURE);
    return tokens;
  }

  async refresh(token) {
    const { as, client } = this;
    const answer = await oauth.refreshTokenGrantRequest(as, client, this.#shown(), token, this.#bound());
    return oauth.processRefreshTokenResponse(as, client, answer);
  }

  /** Ask who somebody is. */
  async person({ access_token: token }, sub, bound = this.#bound()) {
    const answer = await oauth.userInfoRequest(this.as, this.client, token, bound);
    return oauth.processUserInfoResponse(this.as, this.client, sub, answer);
  }

  /** Ask for a token for itself. */
  async forItself() {
    const { as, client } = this;
    const answer = await oauth.clientCredentialsGrantRequest(as, client, this.#shown(), {}, INSECURE);
    return oauth.processClientCredentialsResponse(as, client, answer);
  }

  #shown() {
    return oauth.PrivateKeyJwt(this.key, changing(this.changes.assertion));
  }

  #bound() {
    return { DPoP: oauth.DPoP(this.client, this.proofKeys, changing(this.changes.proof)), ...INSECURE };
  }
}

const changing = (change) => change && { [oauth.modifyAssertion]: (_header, claims) => Object.assign(claims, change) };
