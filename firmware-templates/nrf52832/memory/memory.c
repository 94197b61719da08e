/*
 * The three functions of the C library that the firmware calls. Newlib's are written for long copies and take 724 bytes;
 * the longest copy here is a window. Compiled so that the loops do not become calls of themselves.
 */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t count) {
  char *t = to;
  const char *f = from;
  if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
    for (; count >= 4; count -= 4, t += 4, f += 4) *(word *)t = *(const word *)f;
  }
  while (count-- > 0) *t++ = *f++;
  return to;
}

void *memmove(void *to, const void *from, size_t count) {
  char *t = to;
  const char *f = from;
  if ((uintptr_t)to <= (uintptr_t)from) {
    while (count-- > 0) *t++ = *f++;
  } else {
    while (count-- > 0) t[count] = f[count];
  }
  return to;
}

void *memset(void *to, int value, size_t count) {
  char *t = to;
  while (count-- > 0) *t++ = (char)value;
  return to;
}
