//go:build linux && cgo

#include "pjrt.h"
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *(*pjrt_function)(void *args);

static pjrt_api *api;
static pjrt_function compile_itself;

static void *call(int function, void *args) { return ((pjrt_function)api->functions[function])(args); }

static void forget(void *error) {
	if (error != NULL) {
		pjrt_error_destroy args = {.struct_size = sizeof args, .error = error};
		call(PJRT_Error_Destroy, &args);
	}
}

extern void *evidentCompile(pjrt_compile *args);

// evident_hook puts evidentCompile in the place of the plugin's compiler and
// returns NULL, or says what is missing.
const char *evident_hook(const char *plugin) {
	void *library = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return dlerror();
	pjrt_api *(*get)(void) = (pjrt_api * (*)(void)) dlsym(library, "GetPjrtApi");
	if (get == NULL) return "it has no function GetPjrtApi";
	pjrt_api *found = get();
	size_t needed = offsetof(pjrt_api, functions) + (PJRT_Executable_DeserializeAndLoad + 1) * sizeof(void *);
	if (found->version.major != 0 || found->struct_size < needed) return "its PJRT is of another version";
	if (api == found) return NULL;
	api = found;
	compile_itself = (pjrt_function)api->functions[PJRT_Client_Compile];
	api->functions[PJRT_Client_Compile] = (void *)evidentCompile;
	return NULL;
}

void *evident_compile_itself(pjrt_compile *args) { return compile_itself(args); }

// evident_load makes an executable of what evident_serialize gave; NULL where
// the plugin refuses.
void *evident_load(void *client, const char *bytes, size_t size) {
	pjrt_deserialize args = {.struct_size = sizeof args, .client = client, .serialized = bytes, .serialized_size = size};
	void *error = call(PJRT_Executable_DeserializeAndLoad, &args);
	forget(error);
	return error ? NULL : args.loaded_executable;
}

// evident_serialize copies the bytes of an executable, to be freed; NULL where the
// plugin cannot serialize.
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
