/* The page of exercises: it draws questions by a seed, and has answers judged in a worker. The seed is in the address, as
 * in #params?seed=80127 or, for one question, #params.conv1?seed=80127.
 */
'use strict';
(() => {
  const { run, line, board, settled } = globalThis.evident;

  const anySeed = () => String(1 + (crypto.getRandomValues(new Uint32Array(1))[0] % 999_999));

  /** Offers a file, whose content is in base64, for download. */
  function offer({ name, content }) {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([bytes], { type: 'application/x-ipynb+json' }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  /** The exercises of a lesson. */
  function exercises(details) {
    const lesson = details.id;
    const form = details.querySelector('.draw');
    const questions = details.querySelector('.questions');
    const download = details.querySelector('.notebook');
    const { seed } = form.elements;
    const controls = board(form);
    let drawn; // the seed of the questions that are shown
    let stop = () => {};

    /** Sends a request whose progress the form shows. The function gets what comes of it. */
    function ask(request, receive) {
      controls.begin();
      stop = run({ exercises: { lesson, ...request } }, (message) => {
        const { progress, error, done } = message;
        if (progress) controls.progress(line(progress), progress.step, progress.steps);
        else if (error || done) controls.end(error ?? 'done', Boolean(error));
        else receive(message);
        if (error && !/^-?\d+$/.test(seed.value.trim())) {
          seed.setAttribute('aria-invalid', 'true');
          seed.focus();
        }
      });
    }

    function draw(place = questions) {
      seed.removeAttribute('aria-invalid');
      drawn = undefined;
      download.disabled = true;
      details.classList.remove('ready');
      details.classList.add('drawing'); // titles give way at once, so that nothing jumps when the questions come
      for (const item of questions.children) item.querySelector('.drawn').replaceChildren();
      history.replaceState(null, '', `#${place === questions ? lesson : place.id}?${new URLSearchParams({ seed: seed.value })}`);
      const asked = seed.value;
      ask({ seed: asked }, (message) => {
        for (const { id, html } of message.questions) document.getElementById(id).querySelector('.drawn').innerHTML = html;
        drawn = asked;
        download.disabled = false;
        details.classList.add('ready');
        if (place !== questions) settled(() => place.scrollIntoView());
      });
    }

    questions.addEventListener('submit', (event) => {
      event.preventDefault();
      const answer = event.target;
      const judged = answer.nextElementSibling;
      const button = answer.querySelector('button');
      if (button.ariaDisabled === 'true') return; // it keeps the focus while the answer is judged
      button.ariaDisabled = 'true';
      judged.textContent = 'checking';
      run({ exercises: { lesson, seed: drawn, question: answer.dataset.question, answer: answer.elements.answer.value } }, (message) => {
        if (message.judged) judged.innerHTML = message.judged.html; // made by us, from texts that were escaped
        if (message.error) judged.textContent = message.error;
        if (message.error || message.done) button.ariaDisabled = null;
      });
    });
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      draw();
    });
    form.querySelector('.other').addEventListener('click', () => {
      seed.value = anySeed();
      draw();
    });
    form.querySelector('.stop').addEventListener('click', () => {
      stop();
      controls.end('stopped');
      if (!drawn) details.classList.remove('drawing');
    });
    download.addEventListener('click', () => ask({ seed: drawn, notebook: true }, ({ file }) => offer(file)));
    seed.value = anySeed();

    /** Shows the question or the lesson that the address names and, if it has a seed, with its numbers. */
    return (id, query) => {
      const place = document.getElementById(id);
      details.open = true;
      if (query.has('seed')) {
        seed.value = query.get('seed');
        draw(place === details ? questions : place);
      } else {
        settled(() => place.scrollIntoView());
      }
    };
  }

  const lessons = new Map([...document.querySelectorAll('details.exercises')].map((details) => [details.id, exercises(details)]));

  function follow() {
    const [id, query] = location.hash.slice(1).split('?');
    if (document.getElementById(id)) lessons.get(id.split('.')[0])?.(id, new URLSearchParams(query));
  }
  window.addEventListener('hashchange', follow);
  follow();
  document.querySelector('main').classList.add('ready'); // shown when what the address names is open
})();
