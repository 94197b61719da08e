/*
 * Files, messages and the exit code by semihosting (Arm IHI 0100). For the emulator only: a board image has none of it.
 */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stddef.h>
#include <stdint.h>

/* Returns a handle, or -1. */
int32_t semihosting_open_read(const char *name);
int32_t semihosting_open_write(const char *name);

/* Bytes that were read: fewer than asked for only at the end of the file. */
size_t semihosting_read(int32_t file, void *to, size_t bytes);

/* 1 where all bytes were written, 0 otherwise. */
int semihosting_write(int32_t file, const void *from, size_t bytes);
int semihosting_close(int32_t file);

void semihosting_text(const char *text);
void semihosting_hex(uint32_t value);

__attribute__((noreturn)) void semihosting_exit(int code);

#endif
