// Package layer is the Jupyter kernel evident: a process that Jupyter starts, and
// that starts GoNB behind it. GoNB keeps the declarations, finds imports and shows
// rich output; the layer speaks to Jupyter, and mends what passes.
//
// It stands in GoNB's way at three places, and changes nothing of GoNB itself:
//
//   - between Jupyter's sockets and GoNB's ([Run]): requests wait here, so that a page
//     that connects, completes or interrupts never waits for a cell;
//   - as the command go on GoNB's PATH ([Tool]): a cell is built with directives that
//     name its lines, so that each error and each frame of a panic names cell and line;
//   - around the program of a cell ([Program]): its output passes in whole characters
//     and up to a bound, and its input has ended.
package layer
