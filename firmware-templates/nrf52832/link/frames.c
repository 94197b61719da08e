#include "frames.h"

#include "crc32.h"

#define FIRST 0xECu
#define SECOND 0x67u
#define HEAD 6u

static uint32_t read32(const uint8_t *from) {
  return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

size_t frame_write(uint8_t *frame, uint8_t type, uint8_t sequence, const void *payload, size_t length) {
  frame[0] = FIRST;
  frame[1] = SECOND;
  frame[2] = type;
  frame[3] = sequence;
  frame[4] = (uint8_t)length;
  frame[5] = (uint8_t)(length >> 8);
  __builtin_memcpy(frame + HEAD, payload, length);
  const uint32_t crc = crc32(0, frame + 2, HEAD - 2 + length);
  for (size_t i = 0; i < 4; i++) frame[HEAD + length + i] = (uint8_t)(crc >> (8 * i));
  return length + ECG_FRAME_OVERHEAD;
}

/* Forget the first `count` bytes and whatever follows them that cannot begin a frame. */
static void skip(frame_reader *reader, size_t count) {
  while (count < reader->count) {
    const size_t left = reader->count - count;
    const uint8_t *at = reader->bytes + count;
    if (at[0] == FIRST && (left < 2 || at[1] == SECOND)) break;
    count++;
  }
  __builtin_memmove(reader->bytes, reader->bytes + count, reader->count - count);
  reader->count -= count;
}

int frame_take(frame_reader *reader, uint8_t byte, frame *out) {
  /* The frame before was the caller's until now. */
  skip(reader, reader->done);
  reader->done = 0;
  reader->bytes[reader->count++] = byte;
  skip(reader, 0);
  for (;;) {
    const uint8_t *bytes = reader->bytes;
    if (reader->count < HEAD) return 0;
    const size_t length = bytes[4] | (size_t)bytes[5] << 8;
    if (length > ECG_FRAME_MOST) {
      reader->damaged++;
      skip(reader, 2);
      continue;
    }
    if (reader->count < length + ECG_FRAME_OVERHEAD) return 0;
    if (read32(bytes + HEAD + length) == crc32(0, bytes + 2, HEAD - 2 + length)) break;
    reader->damaged++;
    skip(reader, 2);
  }
  out->type = reader->bytes[2];
  out->sequence = reader->bytes[3];
  out->length = (uint16_t)(reader->bytes[4] | reader->bytes[5] << 8);
  out->payload = reader->bytes + HEAD;
  reader->done = out->length + ECG_FRAME_OVERHEAD;
  return 1;
}
