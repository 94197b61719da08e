/* CRC-32 as in zlib: reflected, polynomial 0xEDB88320, four bits at a time. */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

/* `state`: 0 for the first part, then what the part before gave. */
uint32_t crc32(uint32_t state, const void *from, size_t bytes);

#endif
