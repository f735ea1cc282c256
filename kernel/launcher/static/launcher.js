/* A card in JupyterLab's launcher that makes a notebook from template.ipynb, and a line in place of folded verdicts.
 *
 * JupyterLab loads an extension as a container of webpack's module federation. This one has a single module, so it is
 * written by hand: there is nothing to build.
 */
(() => {
  const template = new URL('template.ipynb', document.currentScript.src);
  let shared; // what JupyterLab's own packages export

  async function exportsOf(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  // JupyterLab shows the first line of folded outputs, which is markup, or says what comes.
  function hideVerdicts(cell) {
    const usual = cell.getOutputPlaceholderText;
    cell.getOutputPlaceholderText = function () {
      const { outputs } = this.model;
      for (let i = 0; i < outputs.length; i++) {
        if (String(outputs.get(i).data['text/html']).includes(' data-claim="')) {
          return 'Predict first: run this cell to measure, or click here to see the verdicts';
        }
      }
      return usual?.call(this);
    };
  }

  async function plugin() {
    const { ILauncher } = await exportsOf('@jupyterlab/launcher');
    const { CodeCell } = await exportsOf('@jupyterlab/cells');
    return {
      id: 'evident:template',
      description: 'A template notebook in the launcher, and a line in place of folded verdicts.',
      autoStart: true,
      requires: [ILauncher],
      activate: (app, launcher) => {
        hideVerdicts(CodeCell.prototype);
        const command = 'evident:new-from-template';
        app.commands.addCommand(command, {
          label: 'Go · evident: train a net',
          caption: 'A new notebook that generates data, trains a net, shows and saves it',
          execute: async ({ cwd = '' }) => {
            const response = await fetch(template);
            if (!response.ok) throw new Error(`${template}: ${response.status}`);
            const content = await response.json();
            const { contents } = app.serviceManager;
            const { path } = await contents.newUntitled({ path: cwd, type: 'notebook' });
            await contents.save(path, { type: 'notebook', format: 'json', content });
            return app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
          },
        });
        const { baseUrl } = app.serviceManager.serverSettings;
        launcher.add({ command, category: 'Notebook', rank: 1, kernelIconUrl: `${baseUrl}kernelspecs/evident/logo-svg.svg` });
      },
    };
  }

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB.evident = {
    init: (scope) => { shared = scope; },
    get: async () => {
      const made = { __esModule: true, default: await plugin() };
      return () => made;
    },
  };
})();
