/* Runs experiments. The page makes a worker for each run from Go's wasm_exec.js and this text, sends it the compiled
 * program and a request, and gets messages of package live in JSON.
 */
'use strict';

const complaints = []; // what Go writes to its output: nothing, unless it crashes

onmessage = async ({ data: { program, request } }) => {
  globalThis.fs.writeSync = (_, bytes) => {
    complaints.push(new TextDecoder().decode(bytes));
    return bytes.length;
  };
  const go = new Go();
  const exited = go.run(await WebAssembly.instantiate(program, go.importObject));
  exited.then(() => {
    const [line] = complaints.join('').split('\n');
    postMessage(JSON.stringify({ error: line || 'the program ended' }));
  });
  evidentRun(request, postMessage);
};
