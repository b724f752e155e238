// A provider that is certified for what ours promises too: the same client scripts have to fare the same at both.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const told = JSON.parse(process.argv[2]);

const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
const { kty, crv, x, y, d } = await crypto.subtle.exportKey("jwk", privateKey);
const key = { kty, crv, x, y, d, kid: "of-this-run", use: "sig", alg: "ES256" };
const registered = ({ id, keys }) => ({
  client_id: id,
  jwks: { keys: keys.map(({ d: _secret, ...jwk }) => jwk) },
  token_endpoint_auth_method: "private_key_jwt",
  id_token_signed_response_alg: "ES256",
});

const configuration = {
  clients: [
    {
      ...registered(told.portal),
      redirect_uris: [told.redirect_uri],
      post_logout_redirect_uris: [told.post_logout_redirect_uri],
      grant_types: ["authorization_code", "refresh_token"],
      subject_type: "pairwise",
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    },
    { ...registered(told.machine), redirect_uris: [], response_types: [], grant_types: ["client_credentials"] },
  ],
  features: {
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    fapi: { enabled: true, profile: "2.0" }, // what our portals are held to as well
    pushedAuthorizationRequests: { enabled: true },
    // Its own pages to log in and to agree, made for trying it out, are good enough for the test's browser.
    devInteractions: { enabled: true },
  },
  enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
  jwks: { keys: [key] },
  cookies: { keys: ["not a secret"] },
  responseTypes: ["code"],
  subjectTypes: ["pairwise"],
  pairwiseIdentifier: (_ctx, accountId, client) => `${accountId} at ${client.sectorIdentifier}`,
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: id }),
  }),
  // As at ours: a portal refreshes for as long as the session lasts, without asking for offline_access.
  issueRefreshToken: (_ctx, client) => client.grantTypeAllowed("refresh_token"),
  ttl: { Grant: 600, Session: 600, Interaction: 600 },
};

// The port is the system's choice, and the issuer has to be known before there is a provider.
const server = createServer().listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  server.on("request", new Provider(issuer, configuration).callback());
  console.log(`ready ${issuer}`);
});
process.stdin.resume().on("end", () => process.exit()); // it ends with whoever has started it
