// What a page of the product would do with passkeys, over the real API.
const call = async (method, path, body, token) => {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const request = { method, headers, body: body && JSON.stringify(body) };
  const answer = await fetch(`/api/v1/auth/${path}`, request);
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
};

const create = async (options) => {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({ publicKey })).toJSON();
};

const get = async (options) => {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({ publicKey })).toJSON();
};

const logIn = (email, password) => call("POST", "login", { email, password });

const register = async (token, name) => {
  const options = await call("POST", "passkeys/registration-options", null, token);
  if (options.status !== 200) return options;
  return call("POST", "passkeys", { name, credential: await create(options.body) }, token);
};

const signIn = async () => {
  const options = await call("POST", "passkeys/sign-in-options");
  return call("POST", "passkeys/sign-in", { credential: await get(options.body) });
};

const finish = async (ticket) => {
  const options = await call("POST", "mfa/passkey-options", { ticket });
  const answer = await get(options.body);
  return call("POST", "mfa", { ticket, method: "passkey", answer });
};

const stepUp = async (token) => {
  const options = await call("POST", "step-up/passkey-options", null, token);
  const answer = await get(options.body);
  return call("POST", "step-up", { method: "passkey", answer }, token);
};
