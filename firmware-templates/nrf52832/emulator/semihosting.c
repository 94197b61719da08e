#include "semihosting.h"

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE0 = 0x04, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_READ_BINARY = 1, MODE_WRITE_BINARY = 5 };
enum { STOPPED_APPLICATION_EXIT = 0x20026 };

static int32_t call(int32_t operation, const void *argument) {
  register int32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static int32_t open_file(const char *name, uint32_t mode) {
  size_t length = 0;
  while (name[length]) length++;
  const uint32_t block[3] = {(uint32_t)name, mode, length};
  return call(SYS_OPEN, block);
}

int32_t semihosting_open_read(const char *name) { return open_file(name, MODE_READ_BINARY); }

int32_t semihosting_open_write(const char *name) { return open_file(name, MODE_WRITE_BINARY); }

size_t semihosting_read(int32_t file, void *to, size_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)to, bytes};
  /* It returns how many were not read. */
  const int32_t left = call(SYS_READ, block);
  return left < 0 ? 0 : bytes - (size_t)left;
}

int semihosting_write(int32_t file, const void *from, size_t bytes) {
  const uint32_t block[3] = {(uint32_t)file, (uint32_t)from, bytes};
  return call(SYS_WRITE, block) == 0;
}

int semihosting_close(int32_t file) {
  const uint32_t block[1] = {(uint32_t)file};
  return call(SYS_CLOSE, block) == 0;
}

void semihosting_text(const char *text) { call(SYS_WRITE0, text); }

void semihosting_hex(uint32_t value) {
  char text[11] = "0x00000000";
  for (int digit = 9; digit >= 2; digit--, value >>= 4) text[digit] = "0123456789abcdef"[value & 15];
  semihosting_text(text);
}

void semihosting_exit(int code) {
  const uint32_t block[2] = {STOPPED_APPLICATION_EXIT, (uint32_t)code};
  for (;;) call(SYS_EXIT_EXTENDED, block);
}
