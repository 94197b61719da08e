// How the add-on calls the kernels of an instruction set.
#pragma once

enum { MOST_ARGUMENTS = 16 };

typedef struct {
  // First byte of the memory that all threads of an engine share.
  char *memory;
  double arguments[MOST_ARGUMENTS];
} KernelCall;

typedef struct {
  const char *name;
  int count;
  double (*call)(const KernelCall *call);
} Kernel;

// One table for each instruction set that the add-on was built for; the last entry has no name.
#if defined(__x86_64__)
extern const Kernel ecg_avx2[], ecg_avx512[];
#else
extern const Kernel ecg_neon[];
#endif
