/*
 * The files that pass between the host and the emulated device, little-endian, each ended by the CRC-32 of all that
 * stands before it. The host's side is src/firmware/link.ts.
 *
 * windows.bin: "ECGW", version, hash [32], command, samples, records, windows of all records; of each record: windows,
 *              int8 [windows][samples].
 * results.bin: "ECGR", version, hash [32], windows, logits, states, blocks; of each window: ticks, int16 [logits],
 *              int16 [states]; then stack bytes, ticks of each block [blocks].
 *
 * COMMAND_FRONT_END: of each record: ADC samples, int16 [ADC samples]; `windows` and `samples` are 0. Results: the header
 * with zeros; of each record: outputs, int8 [outputs]; then the most ticks of one output.
 */
#ifndef LINK_H
#define LINK_H

#include <stddef.h>
#include <stdint.h>

#define LINK_VERSION 1u

/* What the device is asked to do. The two stores prove that the memory guards work. */
enum { COMMAND_RUN = 0, COMMAND_STORE_TO_FLASH = 1, COMMAND_STORE_PAST_RAM = 2, COMMAND_FRONT_END = 3 };

typedef struct windows_header {
  uint8_t magic[4];
  uint32_t version;
  uint8_t hash[32];
  uint32_t command;
  uint32_t samples;
  uint32_t records;
  uint32_t windows;
} windows_header;

typedef struct results_header {
  uint8_t magic[4];
  uint32_t version;
  uint8_t hash[32];
  uint32_t windows;
  uint32_t logits;
  uint32_t states;
  uint32_t blocks;
} results_header;

/* Open the files; the run ends with a message where one cannot be opened, read or written. */
void link_open(void);
void link_read(void *to, size_t bytes);
void link_write(const void *from, size_t bytes);
/* Compare the CRC at the end of windows.bin. */
void link_end_of_windows(void);
/* Write the CRC and close results.bin. */
void link_end_of_results(void);
/* Say why and end the run. */
__attribute__((noreturn)) void link_fail(const char *why);

#endif
