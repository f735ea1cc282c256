package solution

// Conv1DParameters counts the weights and biases of a Conv1D.
func Conv1DParameters(kernel, channels, filters, groups int, bias bool) int {
	count := kernel * channels / groups * filters
	if bias {
		count += filters
	}
	return count
}
