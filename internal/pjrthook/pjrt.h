// The part of PJRT's C API that the hooks use, in the layout of version 0.x of
// pjrt_c_api.h. TestLayoutIsThatOfPJRT compares it with the header that go-xla
// is built with. The API is extended only at its end.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
	size_t struct_size;
	void *extension;
	struct {
		size_t struct_size;
		void *extension;
		int major, minor;
	} version;
	void *functions[]; // in the order of the header
} pjrt_api;

// Indices into pjrt_api.functions.
enum {
	PJRT_Error_Destroy = 0,
	PJRT_Client_Create = 10,
	PJRT_Client_Compile = 20,
	PJRT_Executable_Destroy = 40,
	PJRT_Executable_Serialize = 49,
	PJRT_LoadedExecutable_GetExecutable = 51,
	PJRT_Executable_DeserializeAndLoad = 56,
};

typedef struct {
	size_t struct_size;
	void *extension;
	void *error;
} pjrt_error_destroy;

typedef enum { PJRT_NamedValue_kInt64 = 1 } PJRT_NamedValue_Type;

typedef struct {
	size_t struct_size;
	void *extension;
	const char *name;
	size_t name_size;
	PJRT_NamedValue_Type type;
	union {
		const char *string;
		int64_t integer;
		const int64_t *integers;
		float number;
		bool truth;
	} value;
	size_t value_size;
} pjrt_named_value;

typedef void *PJRT_KeyValueGetCallback, *PJRT_KeyValuePutCallback; // functions

// The first fields; the others are not used.
typedef struct {
	size_t struct_size;
	void *extension;
	const pjrt_named_value *options;
	size_t options_size;
	PJRT_KeyValueGetCallback get;
	void *get_argument;
	PJRT_KeyValuePutCallback put;
	void *put_argument;
	void *client;
} pjrt_create;

typedef struct {
	size_t struct_size;
	void *extension;
	char *code;
	size_t code_size;
	const char *format;
	size_t format_size;
} pjrt_program;

typedef struct {
	size_t struct_size;
	void *extension;
	void *client;
	const pjrt_program *program;
	const char *compile_options;
	size_t compile_options_size;
	void *executable;
} pjrt_compile;

typedef struct {
	size_t struct_size;
	void *extension;
	void *executable;
} pjrt_executable_destroy;

typedef struct {
	size_t struct_size;
	void *extension;
	const void *executable;
	const char *bytes;
	size_t bytes_size;
	void *serialized;
	void (*deleter)(void *serialized);
} pjrt_serialize;

typedef struct {
	size_t struct_size;
	void *extension;
	void *loaded_executable;
	void *executable;
} pjrt_get_executable;

typedef struct {
	size_t struct_size;
	void *extension;
	void *client;
	const char *serialized;
	size_t serialized_size;
	void *loaded_executable;
	const char *compile_options;
	size_t compile_options_size;
} pjrt_deserialize;
