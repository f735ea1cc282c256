/* Sliders for the numbers in a cell (show.Sliders). The cell's code stays the truth: a slider writes its number there,
 * as anyone would, and runs the cell.
 */
const MIME = 'application/vnd.evident.sliders+json';
const STEPS = 200; // of a slider from end to end

/** The number that a knob is set to in the code, and where it stands: undefined if it is not set to a number. */
export function setting(code, path) {
  const assigned = new RegExp(`^([^\\n]*?\\.${path.replace(/[.[\]]/g, '\\$&')}\\s*=\\s*)(-?[0-9][0-9_.]*(?:[eE][-+]?[0-9]+)?)[ \\t]*(?://[^\\n]*)?$`, 'm');
  const found = assigned.exec(code);
  if (!found || found[1].includes('//')) return undefined;
  const start = found.index + found[1].length;
  return { start, end: start + found[2].length, value: Number(found[2].replaceAll('_', '')) };
}

/** The place of a value on a slider, from 0 to STEPS. */
function place({ low, high, log }, value) {
  const at = log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.round(STEPS * Math.min(Math.max(at, 0), 1));
}

/** The number at a place, as Go writes it, in three digits. */
function written({ low, high, log, whole }, at) {
  const part = at / STEPS;
  const value = log ? low * (high / low) ** part : low + part * (high - low);
  if (whole) return String(Math.round(value));
  return String(at === 0 ? low : at === STEPS ? high : Number(value.toPrecision(3)));
}

/** The controls of one cell. They stand below its code, not among its outputs, which go when it runs. */
class Controls {
  constructor(cell, run) {
    this.cell = cell;
    this.run = run;
    this.node = document.createElement('div');
    this.node.className = 'evident-sliders';
    this.node.style.cssText = 'display: grid; grid-template-columns: max-content minmax(8em, 24em) 6em; gap: 2px 1em; align-items: center; padding: 4px 0 4px 90px; font-size: var(--jp-ui-font-size1); color: var(--jp-ui-font-color1)';
    // Keys move the slider, and are no commands of the notebook.
    this.node.addEventListener('keydown', (event) => event.stopPropagation());
    cell.node.querySelector('.jp-Cell-inputWrapper').after(this.node);
  }

  show(sliders) {
    const paths = sliders.map((slider) => slider.path).join();
    if (paths !== this.paths) { // else the ends stay where they were, so that no slider runs away from the hand
      this.paths = paths;
      this.rows = sliders.map((slider) => this.row(slider));
      this.node.replaceChildren(...this.rows.flatMap((row) => [row.label, row.input, row.output]));
    }
    this.follow();
  }

  row(slider) {
    const label = document.createElement('label');
    label.textContent = slider.path;
    label.title = slider.help;
    const input = document.createElement('input');
    Object.assign(input, { type: 'range', min: 0, max: STEPS, title: slider.help });
    input.setAttribute('aria-label', `${slider.path}: ${slider.help}`);
    const output = document.createElement('output');
    const row = { slider, label, input, output };
    input.addEventListener('input', () => this.moved(row));
    return row;
  }

  /** Moves the sliders to the numbers of the code. */
  follow() {
    for (const { slider, input, output } of this.rows) {
      const set = setting(this.cell.model.sharedModel.getSource(), slider.path);
      input.disabled = set === undefined;
      output.textContent = set === undefined ? `set it in the cell: cfg.${slider.path} = ${slider.value}` : String(set.value);
      if (set !== undefined && document.activeElement !== input) input.value = place(slider, set.value);
      input.setAttribute('aria-valuetext', output.textContent);
    }
  }

  moved({ slider, input, output }) {
    const source = this.cell.model.sharedModel;
    const set = setting(source.getSource(), slider.path);
    if (set === undefined) return this.follow();
    const number = written(slider, Number(input.value));
    output.textContent = number;
    input.setAttribute('aria-valuetext', number);
    source.updateSource(set.start, set.end, number);
    this.start(input);
  }

  /** Runs the cell; what was moved meanwhile runs once more afterwards. */
  async start(input) {
    this.again = true;
    if (this.running) return;
    this.running = true;
    while (this.again) {
      this.again = false;
      const finished = this.run(this.cell);
      input.focus(); // JupyterLab gives it to the notebook
      await finished;
    }
    this.running = false;
  }
}

/** The plugin for JupyterLab, made of what its packages export. */
export function sliders({ Widget }, { IRenderMimeRegistry }, { INotebookTracker, NotebookActions }) {
  const controls = new WeakMap(); // of cells
  return {
    id: 'evident:sliders',
    description: 'Sliders for the numbers in a cell.',
    autoStart: true,
    requires: [IRenderMimeRegistry, INotebookTracker],
    activate: (app, rendermime, tracker) => {
      const holder = (node) => {
        let found;
        tracker.forEach((panel) => {
          const cell = panel.content.widgets.find((widget) => widget.node.contains(node));
          if (cell) found = { panel, cell };
        });
        return found;
      };
      class Sliders extends Widget {
        async renderModel(model) {
          this.sliders = model.data[MIME];
          this.draw();
        }
        onAfterAttach() { this.draw(); }
        draw() {
          const found = this.sliders && holder(this.node);
          if (!found) return;
          const run = async (cell) => {
            const { content, sessionContext } = found.panel;
            content.activeCellIndex = content.widgets.indexOf(cell);
            content.deselectAll();
            await NotebookActions.run(content, sessionContext);
          };
          if (!controls.has(found.cell)) controls.set(found.cell, new Controls(found.cell, run));
          controls.get(found.cell).show(this.sliders);
        }
      }
      rendermime.addFactory({ safe: true, mimeTypes: [MIME], defaultRank: 0, createRenderer: () => new Sliders() }, 0);
    },
  };
}
