// Verifies what it reads, as a customer's server would: {secret, headers, body} by line.
import { createInterface } from "node:readline";
import standardwebhooks from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, headers, body } = JSON.parse(line);
  try {
    const read = new standardwebhooks.Webhook(secret).verify(body, headers);
    console.log(JSON.stringify({ read }));
  } catch (error) {
    console.log(JSON.stringify({ refused: error.message }));
  }
}
