// Runs requests in node as a page's worker does, and prints the messages: node.mjs PROGRAM WASM_EXEC WORKER REQUEST…
import { readFileSync, writeSync } from 'node:fs';

const [, , program, exec, worker, ...requests] = process.argv;
const compiled = await WebAssembly.compile(readFileSync(program));
globalThis.onmessage = undefined;
(0, eval)(readFileSync(exec, 'utf8') + readFileSync(worker, 'utf8').replace("'use strict';", ''));
for (const request of requests) {
  await new Promise((ended) => {
    globalThis.postMessage = (message) => {
      writeSync(1, `${message}\n`);
      const { done, error } = JSON.parse(message);
      if (done || error) ended();
    };
    onmessage({ data: { program: compiled, request } });
  });
}
process.exit();
