/* Runs experiments and trainings. The page makes a worker for each from Go's wasm_exec.js and this text, sends it the
 * compiled program and a request, or a lesson to train, and gets messages of package live in JSON. A training makes a
 * frame for each steering.
 */
'use strict';

const complaints = []; // what Go writes to its output: nothing, unless it crashes

let frame; // of the training

onmessage = async ({ data: { program, request, train, steering } }) => {
  if (!program) {
    frame?.(steering);
    return;
  }
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
  if (train) {
    frame = evidentTrain(train, postMessage);
    frame?.(steering);
    return;
  }
  evidentRun(request, postMessage);
};
