#include "link.h"

#include "semihosting.h"

#define EXIT_LINK 71

static int32_t windows, results;
static uint32_t read_crc, written_crc;

/* CRC-32 as in zlib: reflected, polynomial 0xEDB88320, four bits at a time. */
static uint32_t crc(uint32_t state, const void *from, size_t bytes) {
  static const uint32_t table[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
      0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
  };
  const uint8_t *byte = from;
  state = ~state;
  for (size_t i = 0; i < bytes; i++) {
    state ^= byte[i];
    state = (state >> 4) ^ table[state & 15];
    state = (state >> 4) ^ table[state & 15];
  }
  return ~state;
}

void link_fail(const char *why) {
  semihosting_text("ecg-link ");
  semihosting_text(why);
  semihosting_text("\n");
  semihosting_exit(EXIT_LINK);
}

void link_open(void) {
  windows = semihosting_open_read("windows.bin");
  if (windows < 0) link_fail("windows.bin cannot be opened");
  results = semihosting_open_write("results.bin");
  if (results < 0) link_fail("results.bin cannot be written");
}

void link_read(void *to, size_t bytes) {
  if (!semihosting_read(windows, to, bytes)) link_fail("windows.bin is too short");
  read_crc = crc(read_crc, to, bytes);
}

void link_write(const void *from, size_t bytes) {
  written_crc = crc(written_crc, from, bytes);
  if (!semihosting_write(results, from, bytes)) link_fail("results.bin cannot be written");
}

void link_end_of_windows(void) {
  const uint32_t wanted = read_crc;
  uint32_t stored;
  link_read(&stored, sizeof stored);
  if (stored != wanted) link_fail("windows.bin does not match its CRC");
}

void link_end_of_results(void) {
  const uint32_t sum = written_crc;
  link_write(&sum, sizeof sum);
  if (!semihosting_close(results)) link_fail("results.bin cannot be closed");
}
