// The engine's kernels as a Node-API add-on: the same C as the WebAssembly builds, for the processor's own vectors. It works
// on the engine's WebAssembly memory, whose place never changes while it grows.
#include <node_api.h>
#include <stdint.h>

#include "kernel-table.h"

typedef struct {
  const char *name;
  const Kernel *kernels;
  int (*supported)(void);
} InstructionSet;

#if defined(__x86_64__)
#include "processor.h"
// The best first.
static const InstructionSet sets[] = {{"avx512", ecg_avx512, has_avx512}, {"avx2", ecg_avx2, has_avx2}};
#else
static int always(void) { return 1; }
static const InstructionSet sets[] = {{"neon", ecg_neon, always}};
#endif
enum { SETS = sizeof sets / sizeof *sets };

// What a function of JavaScript needs to know; kept in an ArrayBuffer that the function owns.
typedef struct {
  const Kernel *kernel;
  char *memory;
} Binding;

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, 0, message);
  return 0;
}

static napi_value call_kernel(napi_env env, napi_callback_info info) {
  size_t count = MOST_ARGUMENTS;
  napi_value values[MOST_ARGUMENTS];
  void *data;
  if (napi_get_cb_info(env, info, &count, values, 0, &data) != napi_ok) return fail(env, "no arguments");
  const Binding *binding = data;
  if (count != (size_t)binding->kernel->count) return fail(env, "wrong number of arguments for a kernel");
  KernelCall call = {.memory = binding->memory};
  for (size_t i = 0; i < count; i++)
    if (napi_get_value_double(env, values[i], &call.arguments[i]) != napi_ok)
      return fail(env, "a kernel's argument is not a number");
  const double result = binding->kernel->call(&call);
  napi_value value;
  return napi_create_double(env, result, &value) == napi_ok ? value : 0;
}

// instructionSets(): those that this processor has, the best first.
static napi_value instruction_sets(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value list, name;
  if (napi_create_array(env, &list) != napi_ok) return 0;
  uint32_t found = 0;
  for (int i = 0; i < SETS; i++) {
    if (!sets[i].supported()) continue;
    if (napi_create_string_utf8(env, sets[i].name, NAPI_AUTO_LENGTH, &name) != napi_ok) return 0;
    if (napi_set_element(env, list, found++, name) != napi_ok) return 0;
  }
  return list;
}

static const InstructionSet *find_set(napi_env env, napi_value name) {
  char text[16];
  size_t length;
  if (napi_get_value_string_utf8(env, name, text, sizeof text, &length) != napi_ok) return 0;
  for (int i = 0; i < SETS; i++) {
    const char *a = sets[i].name, *b = text;
    while (*a && *a == *b) a++, b++;
    if (*a == *b && sets[i].supported()) return &sets[i];
  }
  return 0;
}

// create(memory: Uint8Array over the whole shared memory, instructionSet): an object with a function for each kernel.
static napi_value create(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value values[2];
  if (napi_get_cb_info(env, info, &count, values, 0, 0) != napi_ok || count != 2) return fail(env, "two arguments");
  napi_typedarray_type type;
  void *memory;
  size_t offset;
  if (napi_get_typedarray_info(env, values[0], &type, 0, &memory, 0, &offset) != napi_ok || type != napi_uint8_array ||
      offset != 0)
    return fail(env, "the memory is not a whole Uint8Array");
  const InstructionSet *set = find_set(env, values[1]);
  if (!set) return fail(env, "this processor has no such instruction set");
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return 0;
  for (const Kernel *kernel = set->kernels; kernel->name; kernel++) {
    napi_value owner, function;
    void *place;
    if (napi_create_arraybuffer(env, sizeof(Binding), &place, &owner) != napi_ok) return 0;
    *(Binding *)place = (Binding){kernel, memory};
    if (napi_create_function(env, kernel->name, NAPI_AUTO_LENGTH, call_kernel, place, &function) != napi_ok) return 0;
    // As long as the function lives, so does what it points to; and so does the memory.
    if (napi_set_named_property(env, function, "binding", owner) != napi_ok) return 0;
    if (napi_set_named_property(env, function, "memory", values[0]) != napi_ok) return 0;
    if (napi_set_named_property(env, object, kernel->name, function) != napi_ok) return 0;
  }
  return object;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"instructionSets", 0, instruction_sets, 0, 0, 0, napi_default, 0},
      {"create", 0, create, 0, 0, 0, napi_default, 0},
  };
  if (napi_define_properties(env, exports, 2, functions) != napi_ok) return 0;
  return exports;
}
