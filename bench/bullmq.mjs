// The peer: BullMQ with jobs that do nothing. Usage: node bullmq.mjs <redis socket> <jobs> <batch>
// Prints one JSON object of jobs per second: `processed` from a full queue, `through` from adding on.
import { Queue, Worker } from "bullmq";

const [path, jobs, batch] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connection = { path, maxRetriesPerRequest: null };
const options = { removeOnComplete: true };

async function add(queue) {
  for (let start = 0; start < jobs; start += batch) {
    const some = Array.from({ length: batch }, (_, i) => ({
      name: "probe",
      data: { subject_id: crypto.randomUUID(), text: String(start + i) },
      opts: options,
    }));
    await queue.addBulk(some);
  }
}

function work(name) {
  let done = 0;
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const worker = new Worker(name, async () => {}, { connection, concurrency: 50 });
  worker.on("completed", () => ++done === jobs && finish());
  return { worker, finished };
}

async function measured(name, addFirst) {
  const queue = new Queue(name, { connection });
  if (addFirst) await add(queue);
  const begun = performance.now();
  const { worker, finished } = work(name);
  await worker.waitUntilReady();
  if (!addFirst) await add(queue);
  await finished;
  const rate = (1000 * jobs) / (performance.now() - begun);
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return Math.round(rate);
}

console.log(JSON.stringify({
  processed: await measured("bench-processed", true),
  through: await measured("bench-through", false),
}));
