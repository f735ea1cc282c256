/* The live part of a page: it runs experiments in a worker, and shows what comes of them. The forms are in the page;
 * the program is loaded when something runs. Everything works from a folder, where a page may load scripts alone.
 */
'use strict';
(() => {
  const { root, program, worker, charts } = document.currentScript.dataset;
  const NARROW = 480; // pixels: a chart below that has its legend underneath
  const WIDEST = 760;

  // Loading.

  const scripts = new Map();

  /** Loads a script of the site, once. */
  function script(name) {
    if (!scripts.has(name)) {
      scripts.set(name, new Promise((resolve, reject) => {
        const element = document.createElement('script');
        element.src = root + name;
        element.onload = resolve;
        element.onerror = () => {
          scripts.delete(name);
          reject(new Error(`${name} cannot be loaded: is there a network?`));
        };
        document.head.append(element);
      }));
    }
    return scripts.get(name);
  }

  /** The bytes of the program, from a server with progress. */
  async function download(tell) {
    if (location.protocol === 'file:') {
      tell('loading the lessons');
      await script(`${program}.js`);
      return Uint8Array.from(atob(globalThis.evidentProgram), (letter) => letter.charCodeAt(0));
    }
    const response = await fetch(`${root}${program}.gz`);
    if (!response.ok) throw new Error(`${program}.gz cannot be loaded: the server says ${response.status}`);
    const total = Number(response.headers.get('Content-Length'));
    const parts = [];
    let loaded = 0;
    for (const reader = response.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      loaded += value.length;
      tell(`loading the lessons: ${(loaded / 1e6).toFixed(1)} MB`, loaded, total);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  }

  let compiled; // a promise

  /** The compiled program, loaded once. */
  function load(tell) {
    compiled ??= (async () => {
      const bytes = await download(tell);
      tell('unpacking the lessons');
      const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b; // some servers unpack it
      const blob = new Blob([bytes]);
      const stream = isPacked ? blob.stream().pipeThrough(new DecompressionStream('gzip')) : blob.stream();
      return WebAssembly.compileStreaming(new Response(stream, { headers: { 'Content-Type': 'application/wasm' } }));
    })();
    compiled.catch(() => { compiled = undefined; }); // so that one can try again
    return compiled;
  }

  /** Makes a worker with the program, which is loaded at first, and sends it a message. */
  async function begin(message, tell) {
    const [module] = await Promise.all([load(tell), script(worker), script(charts)]);
    keep();
    const address = URL.createObjectURL(new Blob([globalThis.evidentWorker], { type: 'text/javascript' }));
    const thread = new Worker(address);
    URL.revokeObjectURL(address);
    thread.postMessage({ program: module, ...message });
    return thread;
  }

  /** Runs a request of package live. The function gets every message; `error` or `done` is in the last. Returns what
   *  stops the run: no message comes after it. */
  function run(request, receive) {
    let thread;
    let stopped = false;
    const stop = () => {
      stopped = true;
      thread?.terminate();
    };
    const got = (message) => {
      if (stopped) return;
      if (message.error || message.done) stop();
      receive(message);
    };
    (async () => {
      thread = await begin({ request: JSON.stringify(request) }, (task, step = 0, steps = 0) => got({ progress: { task, step, steps } }));
      thread.onmessage = ({ data }) => got(JSON.parse(data));
      thread.onerror = (event) => got({ error: event.message });
      if (stopped) thread.terminate();
    })().catch((error) => got({ error: error.message }));
    return stop;
  }

  /** Does something when what has changed is painted: scrolled in the same frame, the page would seem to jump. */
  const settled = (then) => requestAnimationFrame(() => requestAnimationFrame(then));

  // Showing.

  /** Wraps a text into lines of some letters. */
  function wrapped(text, letters) {
    return [text].flat().flatMap((line) => line.match(new RegExp(`\\S.{0,${letters}}(?=\\s|$)|\\S+`, 'g')) ?? []);
  }

  /** The description of a chart, at the width that there is, and at a height if one is given. */
  function fitted(chart, width, height) {
    const letters = Math.floor(width / 8) - 2;
    const { title } = chart;
    const spec = { ...chart, width, title: { ...title, text: wrapped(title.text, letters), subtitle: wrapped(title.subtitle ?? [], letters) } };
    if (width < NARROW) {
      const legend = { ...chart.config?.legend, orient: 'bottom', direction: 'vertical', columns: 1, labelLimit: width - 80 };
      spec.config = { ...chart.config, legend, axis: { ...chart.config?.axis, titleLimit: width - 70 } };
      spec.height = 360;
    }
    if (height) spec.height = height;
    return spec;
  }

  /** Draws a chart in Vega-Lite into an element. Expressions are interpreted, not compiled: no page needs eval. */
  function draw({ chart, alt, height }, holder) {
    const figure = document.createElement('div');
    figure.className = 'chart';
    figure.setAttribute('role', 'img');
    figure.setAttribute('aria-label', alt);
    holder.append(figure);
    const { spec } = vegaLite.compile(fitted(chart, Math.min(figure.clientWidth, WIDEST), height));
    figure.classList.add('live-chart'); // as wide as its content, from now on
    const view = new vega.View(vega.parse(spec, null, { ast: true }), {
      expr: vega.expressionInterpreter, renderer: 'svg', container: figure, hover: true,
    });
    return view.runAsync();
  }

  async function addFigures(figures, outcome) {
    for (const piece of figures) {
      if (piece.chart) await draw(piece, outcome);
      else outcome.insertAdjacentHTML('beforeend', piece.html);
    }
  }

  /** Small charts of how the intervals shrink with the seeds. */
  async function addIntervals(charts, outcome) {
    if (!charts?.length) return;
    const grid = document.createElement('div');
    grid.className = 'intervals';
    outcome.append(grid);
    for (const piece of charts) await draw({ ...piece, height: 180 }, grid);
  }

  /** Shows what there is before the last seed: no verdict. */
  async function showInterim({ seeds, of, evidence, shrinking, figures }, outcome) {
    const heading = document.createElement('p');
    heading.className = 'interim';
    heading.innerHTML = `<strong>After ${seeds} of ${of} seeds.</strong> The verdict comes with the last: who looks early, and stops when the result pleases, finds effects that are not there.`;
    const list = document.createElement('ul');
    list.className = 'interim';
    for (const { id, text } of evidence) {
      const item = document.createElement('li');
      item.textContent = `${id}: ${text}`;
      list.append(item);
    }
    outcome.style.minHeight = `${outcome.clientHeight}px`; // so that the page does not jump
    outcome.replaceChildren(heading, list);
    await addIntervals(shrinking, outcome);
    await addFigures(figures, outcome);
  }

  /** Shows the cards and the figures of a result. */
  async function show({ cards, shrinking, figures, seconds }, outcome) {
    outcome.style.minHeight = '';
    outcome.innerHTML = cards; // made by us, from texts that were escaped
    await addIntervals(shrinking, outcome);
    await addFigures(figures, outcome);
    outcome.insertAdjacentHTML('beforeend', `<p class="live-time">Measured in your browser in ${seconds.toFixed(1)} s.</p>`);
  }

  /** One line on how far a run is; none where nothing is known yet. */
  function line({ task, step, steps, loss }) {
    if (!task) return '';
    const parts = [task];
    if (steps) parts.push(task.startsWith('loading') ? `of ${(steps / 1e6).toFixed(1)} MB` : `step ${step} of ${steps}`);
    if (loss !== undefined) parts.push(`loss ${loss.toPrecision(4)}`);
    return parts.join(' · ');
  }

  /** The line, the bar and the two buttons of something that runs. */
  function board(holder) {
    const [start, stop, bar, status] = ['.start', '.stop', 'progress', '.status'].map((name) => holder.querySelector(name));
    return {
      begin() {
        start.disabled = true;
        stop.disabled = false;
        bar.hidden = false;
        bar.removeAttribute('value');
        holder.classList.remove('failed');
        status.textContent = 'starting';
      },
      progress(text, value, max) {
        if (text) status.textContent = text;
        if (max) Object.assign(bar, { max, value });
        else bar.removeAttribute('value');
      },
      end(text, failed = false) {
        start.disabled = false;
        stop.disabled = true;
        bar.hidden = true;
        holder.classList.toggle('failed', failed);
        status.textContent = text;
      },
    };
  }

  // An experiment with its form.

  function experiment(details) {
    const form = details.querySelector('form');
    const outcome = details.querySelector('.outcome');
    const presets = JSON.parse(details.querySelector('script').textContent);
    const knobs = [...form.querySelectorAll('[data-knob]')];
    const predictions = [...form.querySelectorAll('[data-claim]')];
    const { scale } = form.elements;
    const controls = board(form);
    let stop = () => {};

    const typed = (input) => (input.type === 'checkbox' ? String(input.checked) : input.value.trim());
    const fill = (input, text) => {
      if (input.type === 'checkbox') input.checked = text === 'true';
      else input.value = text;
    };
    /** The knobs that differ from the preset. */
    const changed = () => Object.fromEntries(knobs
      .filter((input) => typed(input) !== presets[scale.value][input.dataset.knob])
      .map((input) => [input.dataset.knob, typed(input)]));

    function choose(values) {
      for (const input of knobs) {
        fill(input, values[input.dataset.knob] ?? presets[scale.value][input.dataset.knob]);
        input.removeAttribute('aria-invalid');
      }
    }

    /** Writes the state into the address, as in #run-floor?scale=smoke&Steps=100. */
    function remember() {
      const query = new URLSearchParams(changed());
      if (scale.value !== scale.options[0].value) query.set('scale', scale.value);
      history.replaceState(null, '', `#${details.id}${query.size ? `?${query}` : ''}`);
    }

    function restore(query) {
      const values = Object.fromEntries(query);
      if (values.scale in presets) scale.value = values.scale;
      choose(values);
      details.open = true;
      if (knobs.some((input) => input.dataset.knob in values)) form.querySelector('.more').open = true;
      settled(() => details.scrollIntoView());
    }

    /** Marks the knob that an error names. */
    function blame(error) {
      const wrong = knobs.find((input) => error.startsWith(`${details.dataset.prefix}.${input.dataset.knob} `));
      if (!wrong) return;
      wrong.setAttribute('aria-invalid', 'true');
      wrong.closest('details:not([open])')?.setAttribute('open', '');
      wrong.focus();
    }

    let shown = Promise.resolve(); // one after the other

    function receive(message) {
      const { progress, interim, result } = message;
      if (progress) controls.progress(line(progress), progress.step, progress.steps);
      if (interim || result) for (const input of predictions) input.disabled = true; // too late to predict
      if (interim) shown = shown.then(() => showInterim(interim, outcome));
      if (result) shown = shown.then(() => show(result, outcome));
      if (message.done) shown.then(() => controls.end('done'), (error) => controls.end(error.message, true));
      if (message.error) {
        outcome.classList.remove('reserved');
        controls.end(message.error, true);
        blame(message.error);
      }
    }

    form.addEventListener('submit', (event) => {
      event.preventDefault();
      for (const input of knobs) input.removeAttribute('aria-invalid');
      outcome.replaceChildren();
      outcome.classList.add('reserved'); // what stands below gives way now, and not when the result comes
      shown = Promise.resolve();
      controls.begin();
      stop = run({
        lesson: details.dataset.lesson,
        experiment: details.dataset.experiment,
        scale: scale.value,
        knobs: changed(),
        files: form.files, // see own.js
        gradually: form.elements.gradually?.checked ?? false,
        predictions: predictions.filter((input) => input.dataset.said)
          .map((input) => ({ id: input.dataset.claim, p: input.value / 100 })),
      }, receive);
    });
    form.querySelector('.stop').addEventListener('click', () => {
      stop();
      outcome.classList.remove('reserved');
      controls.end('stopped');
    });
    for (const input of predictions) {
      input.addEventListener('input', () => {
        input.dataset.said = true;
        input.nextElementSibling.textContent = `${input.value} %`;
        input.setAttribute('aria-valuetext', `${input.value} percent`);
      });
    }
    scale.addEventListener('change', () => {
      choose({});
      remember();
    });
    for (const input of knobs) input.addEventListener('change', remember);
    details.addEventListener('toggle', () => { if (details.open && !location.hash.startsWith(`#${details.id}`)) remember(); });
    return restore;
  }

  // The table of all claims.

  function course(holder) {
    const controls = board(holder);
    const threads = Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1));
    let stops = [];

    function judged(row, { verdict, evidence, agrees }) {
      const cell = row.querySelector('.here');
      cell.replaceChildren(document.querySelector(`#badge-${verdict}`).content.cloneNode(true));
      cell.title = evidence;
      if (!agrees) cell.insertAdjacentHTML('beforeend', ' <span class="evident-differs">differs</span>');
    }

    holder.querySelector('.start').addEventListener('click', () => {
      for (const cell of document.querySelectorAll('.verdicts .here')) {
        cell.hidden = false;
        if (cell.matches('td')) cell.textContent = '…';
      }
      const began = performance.now();
      const waiting = [...document.querySelectorAll('tbody[data-lesson]')].map((body) => body.dataset.lesson);
      const rows = new Map([...document.querySelectorAll('tr[data-claim]')].map((row) => [row.dataset.claim, row]));
      const failures = [];
      let claims = 0;
      let running = 0;
      controls.begin();
      const next = () => {
        const lesson = waiting.shift();
        if (!lesson) {
          if (running === 0) {
            const seconds = ((performance.now() - began) / 1000).toFixed(0);
            controls.end(failures[0] ?? `${claims} verdicts in ${seconds} s`, failures.length > 0);
          }
          return;
        }
        running += 1;
        stops.push(run({ lesson, scale: 'live' }, (message) => {
          const doing = message.progress && line(message.progress);
          controls.progress(`${claims} of ${rows.size} judged · ${lesson}${doing ? ` · ${doing}` : ''}`, claims, rows.size);
          for (const verdict of message.result?.verdicts ?? []) {
            const row = rows.get(verdict.id);
            if (row) {
              judged(row, verdict);
              claims += 1;
            }
          }
          if (message.error) failures.push(`${lesson}: ${message.error}`);
          if (message.error || message.done) {
            running -= 1;
            next();
          }
        }));
      };
      for (let i = 0; i < threads; i += 1) next();
    });
    holder.querySelector('.stop').addEventListener('click', () => {
      for (const stop of stops) stop();
      stops = [];
      controls.end('stopped');
    });
  }

  // A model of the reader's own.

  /** Gives the files that are dropped on an element to a function. */
  function dropped(drop, take) {
    drop.addEventListener('dragover', (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
    drop.addEventListener('dragleave', () => drop.classList.remove('over'));
    drop.addEventListener('drop', (event) => {
      event.preventDefault();
      drop.classList.remove('over');
      take(event.dataTransfer.files);
    });
  }

  function counter(page) {
    const [input, outcome, status, bar, drop] = ['input', '.outcome', '.status', 'progress', '.drop'].map((name) => page.querySelector(name));
    let stop = () => {};

    function say(text, failed = false) {
      status.textContent = text;
      status.parentElement.classList.toggle('failed', failed);
    }

    async function read(file) {
      stop(); // what was dropped before
      outcome.replaceChildren();
      bar.hidden = false;
      say('reading');
      const bytes = new Uint8Array(await file.arrayBuffer());
      let letters = '';
      for (let i = 0; i < bytes.length; i += 0x8000) letters += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      stop = run({ file: file.name, model: btoa(letters) }, ({ progress, result, error, done }) => {
        if (progress) say(line(progress));
        if (result) {
          outcome.innerHTML = result.cards;
          addFigures(result.figures, outcome);
        }
        if (error || done) {
          bar.hidden = true;
          say(error ?? file.name, Boolean(error));
        }
      });
    }

    input.addEventListener('change', () => { if (input.files.length) read(input.files[0]); });
    dropped(drop, (files) => { if (files.length) read(files[0]); });
  }

  // Offline.

  /** Lets the service worker keep what this page has loaded. */
  async function keep() {
    if (!('serviceWorker' in navigator) || !location.protocol.startsWith('http')) return;
    const { active } = await navigator.serviceWorker.ready;
    active.postMessage([location.href.split('#')[0], ...performance.getEntriesByType('resource').map((entry) => entry.name)]);
  }

  globalThis.evident = { run, line, board, settled, begin, fitted, dropped }; // for the other scripts

  const experiments = new Map([...document.querySelectorAll('details.experiment')].map((details) => [details.id, experiment(details)]));
  for (const holder of document.querySelectorAll('.course')) course(holder);
  for (const page of document.querySelectorAll('.counter')) counter(page);

  /** Opens the experiment that the address names. */
  function follow() {
    const [id, query] = location.hash.slice(1).split('?');
    experiments.get(id)?.(new URLSearchParams(query));
  }
  window.addEventListener('hashchange', follow);
  follow();
  settled(() => document.querySelector('section.live')?.classList.add('ready'));

  if ('serviceWorker' in navigator && location.protocol.startsWith('http')) {
    navigator.serviceWorker.register(`${root}offline.js`).then(keep).catch(() => {}); // it works without, online
  }
})();
