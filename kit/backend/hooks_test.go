package backend

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestXLAFlags(t *testing.T) {
	for _, test := range []struct{ plugin, set, want string }{
		{"xla_cpu_pjrt.so", "", ""},
		{"xla_cpu_pjrt.so", "--xla_dump_to=d", "--xla_dump_to=d"},
		{"xla_cuda_plugin.so", "", "--xla_gpu_enable_triton_gemm=false"},
		{"xla_cuda_plugin.so", "--xla_dump_to=d", "--xla_dump_to=d --xla_gpu_enable_triton_gemm=false"},
		{"xla_cuda_plugin.so", "--xla_gpu_enable_triton_gemm=true", "--xla_gpu_enable_triton_gemm=true"},
	} {
		require.Equal(t, test.want, xlaFlags(test.plugin, test.set), "%s with %q", test.plugin, test.set)
	}
}
