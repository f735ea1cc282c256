/* Trainings that the reader steers. The page asks for one frame after the other, each with the knobs as they are then, so
 * that a moved knob holds from the next frame on, and nothing piles up where drawing is slow.
 */
'use strict';
(() => {
  const { begin, fitted, line } = globalThis.evident;
  const BETWEEN = 100; // milliseconds between two frames, at least
  const SPOKEN = 1000; // milliseconds between two lines for screen readers

  /** A number as a reader reads it. */
  const written = (value) => String(Number(value.toPrecision(3)));

  /** A chart whose data move. It is built anew only when its specification or its width changes. */
  function movingChart(holder) {
    const figure = document.createElement('div');
    figure.className = 'moving';
    figure.setAttribute('role', 'img');
    holder.append(figure);
    const rows = {};
    let spec;
    let view;
    let width = 0;

    async function build() {
      width = figure.clientWidth;
      const drawing = document.createElement('div');
      drawing.className = 'chart live-chart';
      const compiled = vegaLite.compile(fitted(spec, width - 2)).spec;
      const next = new vega.View(vega.parse(compiled, null, { ast: true }), { expr: vega.expressionInterpreter, renderer: 'svg', container: drawing });
      for (const { name } of compiled.data) if (rows[name]) next.data(name, rows[name]);
      await next.runAsync();
      figure.replaceChildren(drawing); // at once, so that nothing flickers
      view?.finalize();
      view = next;
    }

    return {
      async show(chart) {
        Object.assign(rows, chart.data);
        figure.setAttribute('aria-label', chart.alt);
        if (chart.spec) spec = chart.spec;
        if (chart.spec || !view || Math.abs(figure.clientWidth - width) > 1) {
          await build();
          return;
        }
        for (const [name, values] of Object.entries(chart.data ?? {})) view.data(name, values);
        if (chart.data) await view.runAsync();
      },
    };
  }

  /** Shows pictures with the present answers of a net. */
  function showAnswers(list, shown) {
    list.hidden = shown.length === 0;
    shown.forEach(({ picture, class: truth, answer, probability }, i) => {
      let item = list.children[i];
      if (!item) {
        item = document.createElement('li');
        item.innerHTML = '<img alt=""><span></span>';
        list.append(item);
      }
      const [image, text] = item.children;
      if (picture) image.src = `data:image/png;base64,${picture}`;
      image.alt = truth;
      const right = answer === truth;
      item.classList.toggle('right', right);
      text.textContent = `${right ? '✓' : '✗'} ${answer} ${Math.round(100 * probability)}\u00a0%`;
    });
  }

  function training(section) {
    const find = (name) => section.querySelector(name);
    const [start, step, reset, stop, bar, status, now, spoken, frames, answers] = ['.start', '.step', '.reset', '.stop', 'progress',
      '.status', '.now', '.spoken', '.frames', '.answers'].map(find);
    const dials = [...section.querySelectorAll('[data-knob]')];
    const charts = new Map();
    let thread; // undefined until the first start, and after a stop
    let number = 0; // of the threads: what comes of an older one is late
    let running = false;
    let busy = false; // a frame is on its way, or is being drawn
    let ended = false;
    let wanted; // a frame that was asked for while busy: its steering
    let asked = 0; // when
    let said = 0; // when
    let frame;

    /** The value of a slider. */
    function valueOf(dial) {
      const { low, high, value, log, whole } = dial.dataset;
      if (dial.tagName === 'SELECT') return dial.value;
      if (dial.value === dial.defaultValue) return value; // as the lesson has it, without rounding
      const [from, to] = [Number(low), Number(high)];
      const part = dial.value / dial.max;
      const number = log === undefined ? from + (to - from) * part : from * (to / from) ** part;
      return whole === undefined ? written(Math.min(Math.max(Number(written(number)), from), to)) : String(Math.round(number));
    }
    const knobs = () => Object.fromEntries(dials.filter((dial) => dial.dataset.knob).map((dial) => [dial.dataset.knob, valueOf(dial)]));
    const pace = () => Number(valueOf(find('#train-pace')));

    function buttons() {
      start.textContent = running ? 'Pause' : (thread ? 'Continue' : 'Start');
      start.disabled = ended;
      step.disabled = running || ended;
      reset.disabled = stop.disabled = !thread;
    }

    function say(text, failed = false) {
      status.textContent = text;
      section.firstElementChild.classList.toggle('failed', failed);
    }

    /** Ends the thread. What it drew stays. */
    function end(text, failed = false) {
      number += 1;
      thread?.terminate?.();
      thread = undefined;
      running = busy = ended = false;
      wanted = undefined;
      bar.hidden = true;
      say(text, failed);
      buttons();
    }

    /** Asks for a frame; for the first one a thread is begun. */
    async function ask(more = {}) {
      if (busy) {
        wanted = { ...wanted, ...more };
        return;
      }
      busy = true;
      asked = performance.now();
      const steering = JSON.stringify({ knobs: knobs(), steps: pace(), ...more });
      if (thread) {
        thread.postMessage({ steering });
        return;
      }
      const own = number;
      thread = {}; // on its way
      bar.hidden = false;
      say('starting');
      buttons();
      try {
        const begun = await begin({ train: JSON.stringify(section.dataset.lesson), steering }, (task, at = 0, of = 0) => {
          if (own !== number) return;
          say(line({ task, step: at, steps: of }));
          if (of) Object.assign(bar, { max: of, value: at });
        });
        if (own !== number) {
          begun.terminate();
          return;
        }
        thread = begun;
        thread.onmessage = ({ data }) => { if (own === number) receive(JSON.parse(data)); };
        thread.onerror = (event) => { if (own === number) end(event.message, true); };
      } catch (error) {
        if (own === number) end(error.message, true);
      }
    }

    async function receive(message) {
      const own = number;
      if (message.error) {
        if (frame) { // a knob out of its range: the training is as it was
          running = busy = false;
          say(message.error, true);
          buttons();
        } else {
          end(message.error, true);
        }
        return;
      }
      frame = message.frame;
      bar.hidden = true;
      ended = Boolean(frame.ended);
      running = running && !ended;
      say(frame.ended ?? (running ? 'training' : 'paused'));
      buttons();
      tell();
      try {
        await show();
      } catch (error) {
        if (own === number) end(error.message, true);
        return;
      }
      if (own !== number) return;
      await new Promise((resolve) => { setTimeout(resolve, Math.max(0, BETWEEN - (performance.now() - asked))); });
      if (own !== number) return;
      busy = false;
      const next = wanted;
      wanted = undefined;
      if (running || next) ask(next);
    }

    /** The line on the frame; for screen readers once in a while. */
    function tell() {
      const loss = frame.loss === undefined ? 'no number' : frame.loss.toPrecision(4).replaceAll('-', '−');
      now.textContent = `Step ${frame.step} · loss ${loss} · ${frame.note}`;
      section.dataset.step = frame.step;
      if (!running || performance.now() - said >= SPOKEN) {
        said = performance.now();
        spoken.textContent = `Step ${frame.step}, loss ${loss}`;
      }
    }

    async function show() {
      showAnswers(answers, frame.shown ?? []);
      for (const chart of frame.charts) {
        if (!charts.has(chart.id)) charts.set(chart.id, movingChart(frames));
        await charts.get(chart.id).show(chart);
      }
    }

    start.addEventListener('click', () => {
      running = !running;
      if (running) ask();
      else if (thread) say('paused');
      buttons();
    });
    step.addEventListener('click', () => ask());
    reset.addEventListener('click', () => {
      ended = false;
      ask({ restart: true });
    });
    stop.addEventListener('click', () => end('stopped'));
    for (const dial of dials) {
      dial.addEventListener('input', () => {
        const text = valueOf(dial);
        if (dial.tagName !== 'SELECT') {
          dial.nextElementSibling.textContent = text;
          dial.setAttribute('aria-valuetext', text);
        }
      });
    }
    find('form').addEventListener('submit', (event) => event.preventDefault());
  }

  for (const section of document.querySelectorAll('.training')) training(section);
})();
