// What the client scripts share: whom they talk to, somebody's browser, and what became of each step.
import { createInterface } from "node:readline";

/** What the test says: the issuer, a portal and a machine client with their keys, addresses of the portal. */
export const told = JSON.parse(process.argv[2]);

const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const outcome = {};

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

/** Have somebody's browser open an address; return the one at the portal to which it is led, or null if to none. */
export async function open(url, browser = "erika") {
  say({ open: String(url), browser });
  const { value, done } = await answers.next();
  if (done) process.exit(1); // the test is gone
  return value ? new URL(value) : null;
}

/** Take a step, and note what it leads to: what `show` makes of its result, or the error that the provider answers. */
export async function step(name, act, show = () => "ok") {
  try {
    const result = await act();
    outcome[name] = show(result);
    return result;
  } catch (error) {
    outcome[name] = errorOf(error);
    console.error(`${name}: ${error.stack}`);
    return null;
  }
}

/** Hand over what became of the steps, which is the last thing that a script does. */
export function finish() {
  say({ outcome });
  process.exit(0); // or the open standard input would keep it
}

/** Return a private key as both libraries want it. */
export async function imported(jwk) {
  const algorithm = jwk.kty === "OKP" ? "Ed25519" : { name: "ECDSA", namedCurve: jwk.crv };
  return { key: await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]), kid: jwk.kid };
}

/** Return the status and the code of an answer that says no; of what the library itself refuses, its own code. */
function errorOf(error) {
  const challenged = Array.isArray(error.cause) ? error.cause.find(({ parameters }) => parameters.error) : null;
  const code = challenged?.parameters.error ?? error.error ?? error.code;
  if (!code) throw error;
  return error.status ? `${error.status} ${code}` : code;
}
