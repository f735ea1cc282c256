//go:build linux && cgo

#include "pjrt.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void *(*pjrt_function)(void *args);

static pjrt_api *api;
static pjrt_function compile_itself, create_itself;

static void *call(int function, void *args) { return ((pjrt_function)api->functions[function])(args); }

static void forget(void *error) {
	if (error != NULL) {
		pjrt_error_destroy args = {.struct_size = sizeof args, .error = error};
		call(PJRT_Error_Destroy, &args);
	}
}

// evident_find looks up the plugin's table and returns NULL, or says what is
// missing.
const char *evident_find(const char *plugin) {
	void *library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return dlerror();
	pjrt_api *(*get)(void) = (pjrt_api * (*)(void)) dlsym(library, "GetPjrtApi");
	if (get == NULL) return "it has no function GetPjrtApi";
	pjrt_api *found = get();
	size_t needed = offsetof(pjrt_api, functions) + (PJRT_Executable_DeserializeAndLoad + 1) * sizeof(void *);
	if (found->version.major != 0 || found->struct_size < needed) return "its PJRT is of another version";
	api = found;
	return NULL;
}

// replace puts a function into the table, and keeps the original.
static void replace(int function, void *with, pjrt_function *itself) {
	if (api->functions[function] == with) return;
	*itself = (pjrt_function)api->functions[function];
	api->functions[function] = with;
}

extern void *evidentCompile(pjrt_compile *args);

// evident_hook_compile replaces the plugin's compiler by evidentCompile.
void evident_hook_compile(void) { replace(PJRT_Client_Compile, (void *)evidentCompile, &compile_itself); }

extern void *evidentCreate(pjrt_create *args);

// evident_hook_create replaces the plugin's function that creates clients by
// evidentCreate.
void evident_hook_create(void) { replace(PJRT_Client_Create, (void *)evidentCreate, &create_itself); }

// with_devices creates a client with a number of devices.
static void *with_devices(pjrt_create *args, int devices) {
	static const char name[] = "cpu_device_count";
	const pjrt_named_value *options = args->options;
	size_t n = args->options_size;
	pjrt_named_value *extended = calloc(n + 1, sizeof *extended);
	if (extended == NULL) return create_itself(args);
	if (n > 0) memcpy(extended, options, n * sizeof *extended);
	extended[n] = (pjrt_named_value){
		.struct_size = sizeof *extended, .name = name, .name_size = sizeof name - 1, .type = PJRT_NamedValue_kInt64, .value.integer = devices, .value_size = 1};
	args->options = extended;
	args->options_size = n + 1;
	void *error = create_itself(args);
	args->options = options;
	args->options_size = n;
	free(extended);
	return error;
}

// evident_create_itself creates a client of a given size. Meanwhile the number of
// threads is in C's environment, which processes that Go starts do not see. With 0
// threads the plugin chooses the number.
void *evident_create_itself(pjrt_create *args, int devices, int threads) {
	if (threads == 0) return with_devices(args, devices);
	static const char variable[] = "PJRT_NPROC";
	const char *set = getenv(variable);
	char *before = set ? strdup(set) : NULL;
	char number[16];
	snprintf(number, sizeof number, "%d", threads);
	setenv(variable, number, 1);
	void *error = with_devices(args, devices);
	if (before != NULL) {
		setenv(variable, before, 1);
		free(before);
	} else {
		unsetenv(variable);
	}
	return error;
}

void *evident_compile_itself(pjrt_compile *args) { return compile_itself(args); }

// evident_load makes an executable from the bytes of evident_serialize, or returns
// NULL if the plugin rejects them.
void *evident_load(void *client, const char *bytes, size_t size) {
	pjrt_deserialize args = {.struct_size = sizeof args, .client = client, .serialized = bytes, .serialized_size = size};
	void *error = call(PJRT_Executable_DeserializeAndLoad, &args);
	forget(error);
	return error ? NULL : args.loaded_executable;
}

// evident_serialize copies the bytes of an executable, which the caller frees. It
// returns NULL if the plugin cannot serialize.
char *evident_serialize(void *loaded, size_t *size) {
	pjrt_get_executable get = {.struct_size = sizeof get, .loaded_executable = loaded};
	void *error = call(PJRT_LoadedExecutable_GetExecutable, &get);
	forget(error);
	if (error) return NULL;
	char *copy = NULL;
	pjrt_serialize args = {.struct_size = sizeof args, .executable = get.executable};
	error = call(PJRT_Executable_Serialize, &args);
	forget(error);
	if (!error) {
		*size = args.bytes_size;
		if ((copy = malloc(args.bytes_size)) != NULL) memcpy(copy, args.bytes, args.bytes_size);
		args.deleter(args.serialized);
	}
	pjrt_executable_destroy destroy = {.struct_size = sizeof destroy, .executable = get.executable};
	forget(call(PJRT_Executable_Destroy, &destroy));
	return copy;
}
