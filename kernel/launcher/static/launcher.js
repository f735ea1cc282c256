/* What evident adds to JupyterLab: a card in the launcher that makes a notebook from template.ipynb, and the sliders of
 * sliders.js.
 *
 * JupyterLab loads an extension as a container of webpack's module federation. This one has a single module, so it is
 * written by hand: there is nothing to build.
 */
(() => {
  const here = document.currentScript.src;
  const template = new URL('template.ipynb', here);
  let shared; // what JupyterLab's own packages export

  async function exportsOf(name) {
    const [version] = Object.values(shared[name]);
    return (await version.get())();
  }

  async function card() {
    const { ILauncher } = await exportsOf('@jupyterlab/launcher');
    return {
      id: 'evident:template',
      description: 'A template notebook in the launcher.',
      autoStart: true,
      requires: [ILauncher],
      activate: (app, launcher) => {
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
      const { sliders } = await import(new URL('sliders.js', here));
      const packages = await Promise.all(['@lumino/widgets', '@jupyterlab/rendermime', '@jupyterlab/notebook'].map(exportsOf));
      const made = { __esModule: true, default: [await card(), sliders(...packages)] };
      return () => made;
    },
  };
})();
