// OpenID providers for the tests, one for each argument: {clients, people, inToken, method}. Each listens on
// a port of its own; the first line of the output is the JSON list of their issuers.
// POST /test/rotate gives a provider new keys.
import { generateKeyPair, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { promisify } from 'node:util';

import Provider from 'oidc-provider';

const generate = promisify(generateKeyPair);

async function newKey() {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

async function make(issuer, { clients, people, inToken, method }) {
  const provider = new Provider(issuer, {
    clients,
    jwks: { keys: [await newKey()] },
    cookies: { keys: ['a key of the tests'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: !inToken,
    clientAuthMethods: [method],
    clientDefaults: { token_endpoint_auth_method: method },
    pkce: { required: () => true },
    features: { backchannelLogout: { enabled: true } },
    async findAccount(ctx, id) {
      return { accountId: id, claims: async () => ({ sub: id, ...people[id] }) };
    },
  });
  return provider.callback();
}

async function serve(options) {
  const state = {};
  const server = createServer(async (request, response) => {
    if (request.method === 'POST' && request.url === '/test/rotate') {
      state.handle = await make(state.issuer, options);
      response.end();
      return;
    }
    state.handle(request, response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  state.issuer = `http://127.0.0.1:${server.address().port}`;
  state.handle = await make(state.issuer, options);
  return state.issuer;
}

const issuers = await Promise.all(process.argv.slice(2).map((text) => serve(JSON.parse(text))));
console.log(JSON.stringify(issuers));
process.stdin.on('end', () => process.exit()).resume(); // ends with the tests
