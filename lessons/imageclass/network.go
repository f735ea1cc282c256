package imageclass

import "evident/kit/fit"

// Network is the net for batches of uint8 pictures [batch, height, width,
// channels], scaled and with nothing against overfitting: logits [batch, 2].
func (n Net) Network() fit.Network { return n.network(plain) }
