/* Data of the reader's own in the forms of experiments: files are read into memory, and stay there. A form's property
 * `files` holds them as package live wants them.
 */
'use strict';
(() => {
  const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

  /** The content of a file in base64. */
  function encoded(file) {
    return new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(',') + 1));
      reader.onerror = () => reject(new Error(`${file.name} cannot be read: choose it again`));
      reader.readAsDataURL(file);
    });
  }

  for (const holder of document.querySelectorAll('.own')) {
    const form = holder.closest('form');
    const start = form.querySelector('.start');
    const said = holder.querySelector('[role="status"]');
    const inputs = [...holder.querySelectorAll('input')];
    const most = Number(holder.dataset.most);
    let readings = 0;

    function say(text, failed = false) {
      said.textContent = text;
      holder.classList.toggle('failed', failed);
    }

    async function read() {
      readings += 1;
      const reading = readings;
      const chosen = inputs.flatMap((input) => [...input.files].map((file) => ({ file, folder: input.dataset.folder })));
      const size = chosen.reduce((sum, { file }) => sum + file.size, 0);
      form.files = [];
      if (size > most) {
        say(`the files have ${megabytes(size)}, and ${megabytes(most)} are the most: choose less, or run the lesson on your machine with --data`, true);
        return;
      }
      if (chosen.length && inputs.some((input) => !input.files.length)) {
        say('choose pictures of the other class too: until then the data are generated');
        return;
      }
      start.disabled = true;
      try {
        const files = await Promise.all(chosen.map(async ({ file, folder }) => (
          { name: folder ? `${folder}/${file.name}` : file.name, content: await encoded(file) })));
        if (reading !== readings) return; // others were chosen meanwhile
        form.files = files;
        say(chosen.length === 1 ? `${files[0].name} in place of generated data` : chosen.length ? `${chosen.length} files in place of generated data` : '');
      } catch (error) {
        say(error.message, true);
      }
      start.disabled = false;
    }

    for (const input of inputs) {
      input.addEventListener('change', read);
      globalThis.evident.dropped(input.closest('label'), (files) => {
        input.files = files;
        read();
      });
    }
    holder.querySelector('.other').addEventListener('click', () => {
      for (const input of inputs) input.value = '';
      read();
    });
  }
})();
