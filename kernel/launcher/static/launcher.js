/* A card in JupyterLab's launcher that makes a notebook from template.ipynb.
 *
 * JupyterLab loads an extension as a container of webpack's module federation. This one has a single module, so it is
 * written by hand: there is nothing to build.
 */
(() => {
  const template = new URL('template.ipynb', document.currentScript.src);
  let shared; // what JupyterLab's own packages export

  async function plugin() {
    const [version] = Object.values(shared['@jupyterlab/launcher']);
    const { ILauncher } = (await version.get())();
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
      const made = { __esModule: true, default: await plugin() };
      return () => made;
    },
  };
})();
