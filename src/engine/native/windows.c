// What the add-on needs on Windows in place of a C library. Node-API is imported from `node.exe`, but the program that loads
// the add-on may have another name (VS Code's): imports are delayed, and looked up in whatever program this is.
#include <stddef.h>
#include <stdint.h>

// "PE Format", delay-load directory table: offsets from the image's first byte.
typedef struct {
  uint32_t attributes, name, module, addresses, names, boundAddresses, unloadAddresses, time;
} DelayedImport;

extern const char __ImageBase;
__declspec(dllimport) void *GetModuleHandleW(const wchar_t *name);
__declspec(dllimport) void *GetProcAddress(void *module, const char *name);
__declspec(dllimport) __declspec(noreturn) void ExitProcess(unsigned code);

// The linker's name: called by the stub of an import with its place among the addresses, before the first call.
void *__delayLoadHelper2(const DelayedImport *import, void **slot) {
  const size_t index = (size_t)(slot - (void **)(&__ImageBase + import->addresses));
  const uint64_t entry = ((const uint64_t *)(&__ImageBase + import->names))[index];
  // A hint of 16 bits stands before the name.
  void *function = GetProcAddress(GetModuleHandleW(0), &__ImageBase + entry + 2);
  if (!function) ExitProcess(1);
  return *slot = function;
}

// Set by code that uses floating point, for a C library that is not there.
int _fltused = 0;
