// Package nn holds layers that GoMLX lacks or computes more slowly, with
// formulas for their shapes, parameters and costs. It also holds the
// optimizers.
//
// Every layer computes the same function as its plain counterpart in GoMLX;
// tests compare values and gradients. Inputs have the channels last: [batch,
// height, width, channels], with a depth before the height in three
// dimensions. Like all of GoMLX's graph functions, layers panic on impossible
// shapes. Package fit turns the panic into an error.
package nn
