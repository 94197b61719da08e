/*
 * Serves the link in the emulator: frames of the host in requests.bin, those of the device in answers.bin.
 */
#include "link.h"
#include "semihosting.h"
#include "timer.h"

#define EXIT_LINK 71

/* Frames that only the emulator knows: stores that the memory guards must turn into faults. */
enum { STORE_TO_FLASH = 0xF0, STORE_PAST_RAM = 0xF1 };

static int32_t requests, answers;
static frame_reader reader;

__attribute__((noreturn)) static void fail(const char *why) {
  semihosting_text("ecg-link ");
  semihosting_text(why);
  semihosting_text("\n");
  semihosting_exit(EXIT_LINK);
}

int link_port_write(const uint8_t *bytes, uint32_t count, int wait) {
  (void)wait;
  if (!semihosting_write(answers, bytes, count)) fail("answers.bin cannot be written");
  return 1;
}

static void probe_guards(uint32_t address) {
  *(volatile uint32_t *)address = 0;
  fail("the memory guards let a store pass");
}

static void serve(const frame *received) {
  switch (received->type) {
    case ECG_FRAME_ASK: link_send_hello(); break;
    case ECG_FRAME_START:
      link_clear();
      link_send_hello();
      break;
    case STORE_TO_FLASH: probe_guards(0x0007FFFC); break;
    case STORE_PAST_RAM: probe_guards(0x20010000); break;
    default:
      if (!link_serve(received)) fail("requests.bin has a frame of another version");
  }
}

int main(void) {
  static uint8_t bytes[1024];
  const link_origin origin = {.ticks_per_second = TIMER_HZ};
  timer_start();
  requests = semihosting_open_read("requests.bin");
  if (requests < 0) fail("requests.bin cannot be opened");
  answers = semihosting_open_write("answers.bin");
  if (answers < 0) fail("answers.bin cannot be written");
  link_start(&origin);
  for (size_t count; (count = semihosting_read(requests, bytes, sizeof bytes)) > 0;) {
    for (size_t i = 0; i < count; i++) {
      frame received;
      if (frame_take(&reader, bytes[i], &received)) serve(&received);
      if (reader.damaged) fail("requests.bin is damaged");
    }
  }
  if (!semihosting_close(answers)) fail("answers.bin cannot be closed");
  return 0;
}
